-- Up Migration
create table messages (
  id bigint primary key,
  body text not null,
  key text not null unique
);
create table counter (value bigint not null);
insert into counter values (0);

-- Down Migration
drop table counter;
drop table messages;
