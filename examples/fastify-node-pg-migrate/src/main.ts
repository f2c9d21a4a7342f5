import Fastify from "fastify";

import { routes } from "./routes.js";

const server = Fastify({ logger: { level: process.env.LOG_LEVEL ?? "info" } });
await server.register(import("@fastify/postgres"), { connectionString: process.env.DATABASE_URL });
await server.register(routes, { prefix: "/v1" });

await server.listen({ port: Number(process.env.PORT ?? 4000), host: process.env.HOST ?? "127.0.0.1" });
