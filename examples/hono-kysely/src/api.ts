import { Hono } from "hono";

const api = new Hono();
api.get("/livez", (context) => context.json({ ok: true }));
api.get("/links/:slug", (context) => context.redirect(process.env.FALLBACK_URL ?? "/"));

export default api;
