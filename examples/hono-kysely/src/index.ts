import { serve } from "@hono/node-server";
import { Hono } from "hono";

import api from "./api.js";

const app = new Hono().get("/", (context) => context.text("links"));
app.route("/api", api);

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
