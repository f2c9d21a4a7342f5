import pg from "pg";

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query(
  "insert into messages (id, body, key) values (0, 'welcome', 'seed') on conflict do nothing",
);
await client.end();
