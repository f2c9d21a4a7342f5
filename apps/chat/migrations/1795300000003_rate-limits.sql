-- Up Migration
set local lock_timeout = '5s';

create table rate_limits (
  -- A digest of what is counted, so that no address is stored.
  key text primary key,
  window_started_at timestamptz not null,
  hits integer not null
);

create index rate_limits_window_started_at on rate_limits (window_started_at);

-- Down Migration
set local lock_timeout = '5s';

drop table rate_limits;
