-- Up Migration
set local lock_timeout = '5s';

create table sessions (
  id uuid primary key default gen_random_uuid(),
  title text not null,
  owner_id uuid not null references accounts (id),
  invite_token text not null,
  -- Counts the messages of the session. Its row lock makes ids visible in their order, without gaps.
  last_message_id bigint not null default 0,
  last_activity_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint sessions_invite_token_unique unique (invite_token),
  constraint sessions_title_length check (length(title) between 1 and 80)
);

create index sessions_owner_id on sessions (owner_id);

create table members (
  session_id uuid not null references sessions (id) on delete cascade,
  account_id uuid not null references accounts (id) on delete cascade,
  joined_at timestamptz not null default now(),
  primary key (session_id, account_id)
);

create index members_account_id on members (account_id);

create table messages (
  session_id uuid not null references sessions (id) on delete cascade,
  id bigint not null,
  account_id uuid not null references accounts (id),
  body text not null,
  -- Given by the client, so that a message sent again is still one message.
  send_key text not null,
  created_at timestamptz not null default now(),
  primary key (session_id, id),
  constraint messages_send_key_unique unique (session_id, account_id, send_key),
  constraint messages_body_length check (length(body) between 1 and 4000),
  constraint messages_send_key_length check (length(send_key) between 1 and 100)
);

create index messages_account_id on messages (account_id);

-- Down Migration
set local lock_timeout = '5s';

drop table messages;
drop table members;
drop table sessions;
