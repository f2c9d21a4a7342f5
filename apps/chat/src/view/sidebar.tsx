import Link from "next/link";

import { limits } from "../limits.ts";
import type { Account } from "../server/accounts.ts";
import type { Refusal } from "../server/flash.ts";
import type { SessionSummary } from "../server/sessions.ts";
import { Avatar } from "./avatar.tsx";
import { Brand } from "./brand.tsx";
import { PlusIcon } from "./icons.tsx";
import { SessionLine } from "./latest-message.tsx";

interface SidebarProps {
  account: Account;
  sessions: SessionSummary[];
  open: string | undefined;
  refusal: Refusal | undefined;
}

/** The account's sessions, a form for a new one, and the way out. */
export function Sidebar({ account, sessions, open, refusal }: SidebarProps) {
  return (
    <aside className="sidebar">
      <header className="sidebar-head">
        <Brand />
      </header>
      <NewSession refusal={refusal} />
      <nav className="session-list" aria-label="Your sessions">
        {sessions.length === 0 && (
          <p className="session-list-empty">No sessions yet. Yours will be listed here.</p>
        )}
        <ul>
          {sessions.map((session) => (
            <li key={session.id}>
              <Link
                href={`/sessions/${session.id}`}
                aria-current={session.id === open ? "page" : undefined}
                prefetch={false}
              >
                <SessionLine {...session} />
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <form className="sidebar-account" method="post" action="/forms/logout">
        <Avatar id={account.id} name={account.name} />
        <span className="account-name">{account.name}</span>
        <button className="text-button" type="submit">
          Log out
        </button>
      </form>
    </aside>
  );
}

function NewSession({ refusal }: { refusal: Refusal | undefined }) {
  const problem = refusal?.problems["title"];
  return (
    <form className="new-session" method="post" action="/forms/sessions">
      <label className="visually-hidden" htmlFor="new-title">
        Name of the new session
      </label>
      <input
        id="new-title"
        name="title"
        placeholder="Start a new session…"
        required
        maxLength={limits.title}
        autoComplete="off"
        defaultValue={refusal?.values["title"]}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : "new-title-problem"}
      />
      <button className="icon-button solid" type="submit" aria-label="Create session">
        <PlusIcon />
      </button>
      {problem !== undefined && (
        <p id="new-title-problem" className="field-note problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
