"use client";

import type { PendingMessage } from "../client/conversation-state.ts";
import { type AuthorRun, groupByDay } from "../client/day-groups.ts";
import { formatClock } from "../client/time.ts";
import type { Message } from "../server/messages.ts";
import { Avatar } from "./avatar.tsx";
import { Mark } from "./brand.tsx";
import { useTimeZone } from "./use-time-zone.ts";

interface MessageListProps {
  messages: Message[];
  pending: PendingMessage[];
  accountId: string;
  /** Where the invitation link is found. */
  settingsPath: string;
  onRetry(message: PendingMessage): void;
  onDrop(key: string): void;
}

/** The messages by day and author, and below them one's own that are still on their way. */
export function MessageList({
  messages,
  pending,
  accountId,
  settingsPath,
  onRetry,
  onDrop,
}: MessageListProps) {
  const zone = useTimeZone();
  if (messages.length === 0 && pending.length === 0) {
    return (
      <div className="messages-empty">
        <Mark />
        <p>Nothing here yet. Write the first message, or pass the invitation on.</p>
        <a className="button quiet" href={settingsPath}>
          Invite somebody
        </a>
      </div>
    );
  }
  return (
    <div role="log" aria-label="Messages" aria-live="polite">
      {groupByDay(messages, zone).map((group) => (
        <section key={group.day} className="day">
          <h2>{group.day}</h2>
          {group.runs.map((run) => (
            <Run key={run.messages[0]?.id} run={run} own={run.author.id === accountId} zone={zone} />
          ))}
        </section>
      ))}
      {pending.map((message) => (
        <Pending
          key={message.key}
          message={message}
          onRetry={() => {
            onRetry(message);
          }}
          onDrop={() => {
            onDrop(message.key);
          }}
        />
      ))}
    </div>
  );
}

function Run({ run, own, zone }: { run: AuthorRun; own: boolean; zone: string }) {
  return (
    <div className={own ? "run own" : "run"}>
      {!own && <Avatar id={run.author.id} name={run.author.name} />}
      <div className="run-bubbles">
        <p className={own ? "run-author visually-hidden" : "run-author"}>{own ? "You" : run.author.name}</p>
        {run.messages.map((message) => (
          <div key={message.id} className="bubble" data-message={message.id}>
            <span className="bubble-text">{message.body}</span>
            <time dateTime={message.createdAt}>{formatClock(message.createdAt, zone)}</time>
          </div>
        ))}
      </div>
    </div>
  );
}

interface PendingProps {
  message: PendingMessage;
  onRetry(): void;
  onDrop(): void;
}

function Pending({ message, onRetry, onDrop }: PendingProps) {
  const refused = message.problem !== undefined;
  return (
    <div className="run own pending" data-refused={refused ? "" : undefined}>
      <div className="run-bubbles">
        <div className="bubble">
          <span className="bubble-text">{message.body}</span>
          {!refused && <span className="bubble-state">sending…</span>}
        </div>
        {refused && (
          <p className="refused" role="alert">
            Not sent: {message.problem}{" "}
            <button className="text-button" type="button" onClick={onRetry}>
              Try again
            </button>{" "}
            <button className="text-button" type="button" onClick={onDrop}>
              Discard
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
