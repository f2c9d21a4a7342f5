import Router from "@koa/router";

export const router = new Router({ prefix: "/book" });

router.get("/ping", (context) => {
  context.body = process.env.TITLE;
});
