"use client";

import { type ReactNode, type RefObject, useRef, useState } from "react";

import type { ConnectionState, ConversationState } from "../client/conversation-state.ts";
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
  const { session, live } = props;
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
  const scroll = useRef<HTMLDivElement>(null);
  // The list is laid out in reverse: its start is the newest message.
  const showEnd = (): void => scroll.current?.scrollTo({ top: 0 });
  return (
    <main className="conversation">
      <Head state={state} live={live} back={props.back} settings={props.settings} />
      <Scroll scroll={scroll} onShowEnd={showEnd}>
        {props.earlier}
        <MessageList
          messages={state.messages}
          pending={state.pending}
          accountId={props.account.id}
          settingsPath={`/sessions/${session.id}/settings`}
          onRetry={retry}
          onDrop={drop}
        />
      </Scroll>
      {state.gone && <Gone />}
      {!state.gone && !live && (
        <a className="to-latest" href={`/sessions/${session.id}`}>
          Go to the latest messages
        </a>
      )}
      {!state.gone && live && (
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
      )}
    </main>
  );
}

interface HeadProps {
  state: ConversationState;
  live: boolean;
  back: ReactNode;
  settings: ReactNode;
}

function Head({ state, live, back, settings }: HeadProps) {
  return (
    <header className="conversation-head">
      {back}
      <div className="conversation-title">
        <h1>{state.title}</h1>
        <p>
          {state.memberCount === 1 ? "Only you so far" : `${String(state.memberCount)} members`}
          {live && <Connection state={state.connection} />}
        </p>
      </div>
      {settings}
    </header>
  );
}

interface ScrollProps {
  scroll: RefObject<HTMLDivElement | null>;
  onShowEnd(): void;
  children: ReactNode;
}

function Scroll({ scroll, onShowEnd, children }: ScrollProps) {
  const [away, setAway] = useState(false);
  return (
    <>
      <div
        className="messages-scroll"
        ref={scroll}
        onScroll={({ currentTarget }) => {
          setAway(currentTarget.scrollTop < -AWAY_PX);
        }}
      >
        <div className="messages">{children}</div>
      </div>
      {away && (
        <button
          className="icon-button to-end"
          type="button"
          aria-label="Go to the newest message"
          onClick={onShowEnd}
        >
          <DownIcon />
        </button>
      )}
    </>
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
