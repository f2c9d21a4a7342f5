"use client";

import { type ReactNode, useRef, useState } from "react";

import type { ConnectionState } from "../client/conversation-state.ts";
import type { Message } from "../server/messages.ts";
import { Composer } from "./composer.tsx";
import { DownIcon } from "./icons.tsx";
import { MessageList } from "./message-list.tsx";
import { useConversation } from "./use-conversation.ts";

export interface ConversationProps {
  session: { id: string; title: string; memberCount: number };
  account: { id: string; name: string };
  messages: Message[];
  /** False on a page of earlier messages, which does not change. */
  live: boolean;
  /** Makes the form harmless to send twice without JavaScript. */
  formKey: string;
  /** What was typed into a form that was refused, and why. */
  draft: string;
  problem: string | undefined;
  back: ReactNode;
  settings: ReactNode;
  earlier: ReactNode;
}

/** Scrolled up this far, the way back to the newest message is offered. */
const AWAY_PX = 300;

/** One session: its messages, live, and the form to write one. Works as plain HTML before the script runs. */
export function Conversation(props: ConversationProps) {
  const { session, account, live } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const { state, send, retry, drop } = useConversation(
    session.id,
    {
      messages: props.messages,
      pending: [],
      title: session.title,
      memberCount: session.memberCount,
      connection: "connecting",
      gone: false,
    },
    live,
  );
  const showEnd = (): void => {
    // The list is laid out in reverse: its start is the newest message.
    scroll.current?.scrollTo({ top: 0 });
  };
  return (
    <main className="conversation">
      <header className="conversation-head">
        {props.back}
        <div className="conversation-title">
          <h1>{state.title}</h1>
          <p>
            {state.memberCount === 1 ? "Only you so far" : `${String(state.memberCount)} members`}
            {live && <Connection state={state.connection} />}
          </p>
        </div>
        {props.settings}
      </header>
      <div
        className="messages-scroll"
        ref={scroll}
        onScroll={({ currentTarget }) => {
          setAway(currentTarget.scrollTop < -AWAY_PX);
        }}
      >
        <div className="messages">
          {props.earlier}
          <MessageList
            messages={state.messages}
            pending={state.pending}
            accountId={account.id}
            settingsPath={`/sessions/${session.id}/settings`}
            onRetry={retry}
            onDrop={drop}
          />
        </div>
      </div>
      {away && live && (
        <button
          className="icon-button to-end"
          type="button"
          aria-label="Go to the newest message"
          onClick={showEnd}
        >
          <DownIcon />
        </button>
      )}
      {state.gone ? (
        <Gone />
      ) : live ? (
        <Composer
          sessionId={session.id}
          formKey={props.formKey}
          draft={props.draft}
          problem={props.problem}
          onSend={(body) => {
            send(body);
            requestAnimationFrame(showEnd);
          }}
        />
      ) : (
        <a className="to-latest" href={`/sessions/${session.id}`}>
          Go to the latest messages
        </a>
      )}
    </main>
  );
}

const CONNECTION_TEXTS: Record<ConnectionState, string> = {
  connecting: "Connecting",
  live: "Live",
  interrupted: "Reconnecting",
};

function Connection({ state }: { state: ConnectionState }) {
  return (
    <span className="connection needs-script" data-state={state} role="status">
      {CONNECTION_TEXTS[state]}
    </span>
  );
}

function Gone() {
  return (
    <p className="gone" role="alert">
      This session was deleted, or you are no longer a member. <a href="/">Your sessions</a>
    </p>
  );
}
