import { migrate, startPostgres } from "../postgres.ts";
import { build, startServer } from "./server.ts";

/** One database and one server for all tests; a test with its own server finds the database's address. */
export default async function setup(): Promise<() => Promise<void>> {
  await build();
  const postgres = await startPostgres();
  await migrate(postgres.url);
  process.env["QUAYSIDE_DATABASE_URL"] = postgres.url;
  const server = await startServer(Number(process.env["QUAYSIDE_PORT"]), postgres.url);
  return async () => {
    await server.kill();
    await postgres.remove();
  };
}
