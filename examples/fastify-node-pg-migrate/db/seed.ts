import pg from "pg";

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query("insert into account (name) values ('cash')");
await client.end();
