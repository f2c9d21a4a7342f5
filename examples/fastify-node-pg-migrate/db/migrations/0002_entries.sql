-- Up Migration
create table entry (
  id bigint generated always as identity primary key,
  account_id bigint not null references account,
  cents bigint not null
);

-- Down Migration
drop table entry;
