-- Up Migration
set local lock_timeout = '5s';

create table accounts (
  id uuid primary key default gen_random_uuid(),
  email text not null,
  name text not null,
  password_hash text not null,
  created_at timestamptz not null default now(),
  constraint accounts_email_unique unique (email),
  constraint accounts_email_lowercase check (email = lower(email) and length(email) <= 254),
  constraint accounts_name_length check (length(name) between 1 and 60)
);

create table logins (
  token_hash bytea primary key,
  account_id uuid not null references accounts (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create index logins_account_id on logins (account_id);
create index logins_expires_at on logins (expires_at);

-- Down Migration
set local lock_timeout = '5s';

drop table logins;
drop table accounts;
