import { connect } from "node:net";

import { cancelled, codeOf, type Context, type ExitKind, FairleadError } from "../../kernel/index.ts";
import { readLines, writeLine } from "./lines.ts";
import type { HostFailure, HostResponse } from "./protocol.ts";

/** Code of the error when no host answers on the control socket, or it went while it was asked. */
const hostGone = "host-gone";

/**
 * Asks the host on a control socket and gives its answer. Errors: `host-gone` when there is none or it dies meanwhile,
 * `host-timeout`, `cancelled`, and those of the method.
 */
export function askHost<T>(
  context: Pick<Context, "signal">,
  controlSocket: string,
  method: string,
  params: unknown,
  timeoutMs: number,
): Promise<T> {
  if (context.signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const socket = connect(controlSocket);
    const fail = (error: FairleadError) => {
      settle();
      reject(error);
    };
    const onAbort = () => {
      fail(cancelled());
    };
    const timer = setTimeout(() => {
      const limit = `${String(Math.round(timeoutMs / 1000))} s`;
      fail(
        new FairleadError("host-timeout", `the host did not answer ${method} within ${limit}`, {
          exit: "environment",
        }),
      );
    }, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      context.signal.removeEventListener("abort", onAbort);
      socket.destroy();
    };
    context.signal.addEventListener("abort", onAbort, { once: true });
    socket.on("connect", () => writeLine(socket, { type: "request", id: 1, method, params }));
    readLines(socket, (message) => {
      const response = message as HostResponse;
      settle();
      if (response.error === undefined) resolve(response.result as T);
      else reject(toError(response.error));
    });
    socket.on("close", () => {
      fail(new FairleadError(hostGone, "the host does not answer", { exit: "environment" }));
    });
  });
}

/** True when an error says that there is no host to ask. */
export function isHostGone(error: unknown): boolean {
  return codeOf(error) === hostGone;
}

/** The error that a failure from the other side of a socket or pipe stands for. */
export function toError(failure: HostFailure): FairleadError {
  return new FairleadError(failure.code, failure.message, {
    exit: (failure.exit ?? "checkFailed") as ExitKind,
    details: failure.details ?? [],
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}
