import type { FastifyInstance } from "fastify";

export async function routes(fastify: FastifyInstance): Promise<void> {
  fastify.get("/accounts", () => fastify.pg.query("select * from account"));
  fastify.route({ method: "GET", url: "/statements", handler: () => [] });
  fastify.get("/status", () => ({ ok: true }));
  fastify.get("/healthz", { logLevel: "warn" }, () => ({ ok: true }));
}
