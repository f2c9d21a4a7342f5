import type { Instrumentation } from "next";

/** Called once when a server starts: it does not come up with an incomplete environment. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs" || process.env["NEXT_PHASE"] === "phase-production-build")
    return;
  const { start } = await import("./server/start.ts");
  start();
}

/** Logs what broke while a page was made, with the digest that the visitor sees. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { logger } = await import("./server/logger.ts");
  const digest = (error as { digest?: string }).digest;
  const { routePath, routeType } = context;
  logger().error({ err: error, digest, routePath, routeType, method: request.method }, "a page failed");
};
