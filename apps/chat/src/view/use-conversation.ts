"use client";

import { useCallback, useEffect, useReducer, useRef } from "react";

import {
  type ConversationAction,
  type ConversationState,
  lastIdOf,
  type PendingMessage,
  reduceConversation,
} from "../client/conversation-state.ts";
import { followMessages, type LiveEvents } from "../client/live-messages.ts";
import { sendMessage } from "../client/send-message.ts";
import { useSetLatestMessage } from "./latest-message.tsx";

export interface LiveConversation {
  state: ConversationState;
  send(body: string): void;
  retry(message: PendingMessage): void;
  drop(key: string): void;
}

/** Keeps a conversation up to date, and sends one's own messages in the order in which they were written. */
export function useConversation(
  sessionId: string,
  initial: ConversationState,
  live: boolean,
): LiveConversation {
  const [state, dispatch] = useReducer(reduceConversation, initial);
  const lastId = useRef(lastIdOf(initial));
  const queue = useRef(Promise.resolve());

  const setLatest = useSetLatestMessage();

  const newest = state.messages.at(-1);
  useEffect(() => {
    lastId.current = newest?.id ?? 0;
    if (!live || newest === undefined) return;
    const { author, body, createdAt } = newest;
    setLatest({ sessionId, author: author.name, body, createdAt });
  }, [newest, live, sessionId, setLatest]);

  useEffect(() => {
    if (!live) return undefined;
    return followMessages(sessionId, () => lastId.current, eventsFor(sessionId, dispatch));
  }, [sessionId, live]);

  const deliver = useCallback(
    (message: PendingMessage) => {
      queue.current = queue.current.then(async () => {
        const result = await sendMessage(sessionId, { key: message.key, body: message.body });
        if (result.sent) dispatch({ type: "received", messages: [result.message] });
        else if (result.loggedOut) logIn(sessionId);
        else dispatch({ type: "refused", key: message.key, problem: result.problem });
      });
    },
    [sessionId],
  );

  const send = useCallback(
    (body: string) => {
      const message = { key: crypto.randomUUID(), body };
      dispatch({ type: "queued", message });
      deliver(message);
    },
    [deliver],
  );
  const retry = useCallback(
    (message: PendingMessage) => {
      dispatch({ type: "retried", key: message.key });
      deliver(message);
    },
    [deliver],
  );
  const drop = useCallback((key: string) => {
    dispatch({ type: "dropped", key });
  }, []);
  return { state, send, retry, drop };
}

function eventsFor(sessionId: string, dispatch: (action: ConversationAction) => void): LiveEvents {
  return {
    onMessages: (messages) => {
      dispatch({ type: "received", messages });
    },
    onDetails: (details) => {
      dispatch({ type: "described", ...details });
    },
    onConnection: (connection) => {
      dispatch({ type: "connection", state: connection });
    },
    onReset: (head) => {
      dispatch({ type: "reset", head });
    },
    onGone: () => {
      dispatch({ type: "gone" });
    },
    onLoggedOut: () => {
      logIn(sessionId);
    },
  };
}

function logIn(sessionId: string): void {
  location.assign(`/login?next=${encodeURIComponent(`/sessions/${sessionId}`)}`);
}
