import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { messageOf } from "../../../kernel/index.ts";
import type { Listener } from "../protocol.ts";

const longestAnswerMs = 5000;

/** Asks an application process for its health on its private port; gives what is wrong, `undefined` for 2xx and 3xx. */
export function probeHealth(
  listener: Listener,
  path: string,
  publicPort: number,
): Promise<string | undefined> {
  const send = listener.protocol === "https" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const request = send({
      host: "127.0.0.1",
      port: listener.port,
      path,
      agent: false,
      // Frameworks that check the host expect the public one.
      headers: { host: `localhost:${String(publicPort)}`, "user-agent": "fairlead-health" },
      rejectUnauthorized: false,
      timeout: longestAnswerMs,
    });
    request.on("response", (response: IncomingMessage) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? undefined : `GET ${path} answered ${String(status)}`);
      response.on("end", () => request.destroy());
    });
    request.on("timeout", () => {
      resolve(`GET ${path} did not answer within ${String(longestAnswerMs / 1000)} s`);
      request.destroy();
    });
    request.on("error", (error) => {
      resolve(`GET ${path} failed: ${messageOf(error)}`);
    });
    request.end();
  });
}
