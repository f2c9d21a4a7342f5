import type { ColumnType, Generated } from "kysely";

type WrittenOnce<Value> = ColumnType<Value, Value | undefined, never>;

export interface AccountsTable {
  id: Generated<string>;
  email: string;
  name: string;
  password_hash: string;
  created_at: WrittenOnce<Date>;
}

export interface LoginsTable {
  token_hash: Buffer;
  account_id: string;
  created_at: WrittenOnce<Date>;
  expires_at: Date;
}

export interface SessionsTable {
  id: Generated<string>;
  title: string;
  owner_id: string;
  invite_token: string;
  last_message_id: Generated<number>;
  last_activity_at: Generated<Date>;
  created_at: WrittenOnce<Date>;
}

export interface MembersTable {
  session_id: string;
  account_id: string;
  joined_at: WrittenOnce<Date>;
}

export interface MessagesTable {
  session_id: string;
  id: number;
  account_id: string;
  body: string;
  send_key: string;
  created_at: WrittenOnce<Date>;
}

export interface RateLimitsTable {
  key: string;
  window_started_at: Date;
  hits: number;
}

/** The tables as the migrations leave them. */
export interface ChatSchema {
  accounts: AccountsTable;
  logins: LoginsTable;
  sessions: SessionsTable;
  members: MembersTable;
  messages: MessagesTable;
  rate_limits: RateLimitsTable;
}
