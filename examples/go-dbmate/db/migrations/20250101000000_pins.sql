-- migrate:up
create table pins (id serial primary key, url text not null);

-- migrate:down
drop table pins;
