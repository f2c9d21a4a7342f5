import type { ReactNode } from "react";

import type { Account } from "../server/accounts.ts";
import type { Refusal } from "../server/flash.ts";
import { listSessions } from "../server/sessions.ts";
import { LatestMessageProvider } from "./latest-message.tsx";
import { Sidebar } from "./sidebar.tsx";

interface WorkspaceProps {
  account: Account;
  /** What a phone shows, which has room for one of the two. */
  showing: "list" | "session";
  /** Id of the session that is open. */
  open?: string;
  refusal?: Refusal | undefined;
  children: ReactNode;
}

/** The page of somebody who is logged in: the sessions beside what is open. */
export async function Workspace({ account, showing, open, refusal, children }: WorkspaceProps) {
  const sessions = await listSessions(account.id);
  return (
    <LatestMessageProvider>
      <div className="workspace" data-showing={showing}>
        <Sidebar account={account} sessions={sessions} open={open} refusal={refusal} />
        {children}
      </div>
    </LatestMessageProvider>
  );
}
