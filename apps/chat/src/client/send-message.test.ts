import { expect, test } from "vitest";

import { sendMessage, type SendOptions } from "./send-message.ts";

type Answer = Response | "no connection";

/** Answers one after the other, the last one for good. */
function server(...answers: Answer[]): { options: SendOptions; keys: unknown[]; waits: number[] } {
  const keys: unknown[] = [];
  const waits: number[] = [];
  return {
    keys,
    waits,
    options: {
      fetch: (_input, init) => {
        keys.push((JSON.parse(init?.body as string) as { key: unknown }).key);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === undefined || answer === "no connection")
          return Promise.reject(new TypeError("failed"));
        return Promise.resolve(answer.clone());
      },
      wait: (delayMs) => {
        waits.push(delayMs);
        return Promise.resolve();
      },
    },
  };
}

const accepted = Response.json({ message: { id: 1 } }, { status: 201 });
const refusal = (status: number, message: string, headers: HeadersInit = {}): Response =>
  Response.json({ error: { message } }, { status, headers });

test("tries again with the same key until the server answers", async () => {
  const { options, keys, waits } = server("no connection", refusal(503, "restarting"), accepted);
  const result = await sendMessage("s", { key: "k", body: "Hi" }, options);
  expect(result).toEqual({ sent: true, message: { id: 1 } });
  expect(keys).toEqual(["k", "k", "k"]);
  expect(waits).toEqual([500, 1000]);
});

test("gives up after a bounded number of attempts, and says why", async () => {
  const { options, keys } = server("no connection");
  const result = await sendMessage("s", { key: "k", body: "Hi" }, options);
  expect(result).toEqual({ sent: false, problem: "The server cannot be reached." });
  expect(keys).toHaveLength(7);
});

test("takes an answer that trying again would not change", async () => {
  const { options, keys } = server(refusal(422, "too long"));
  expect(await sendMessage("s", { key: "k", body: "Hi" }, options)).toEqual({
    sent: false,
    problem: "too long",
  });
  const loggedOut = server(refusal(401, "log in"));
  expect(await sendMessage("s", { key: "k", body: "Hi" }, loggedOut.options)).toMatchObject({
    loggedOut: true,
  });
  expect(keys).toHaveLength(1);
});

test("waits as long as the server asks, unless that is too long", async () => {
  const short = server(refusal(429, "slow down", { "retry-after": "3" }), accepted);
  expect(await sendMessage("s", { key: "k", body: "Hi" }, short.options)).toMatchObject({ sent: true });
  expect(short.waits).toEqual([3000]);
  const long = server(refusal(429, "slow down", { "retry-after": "60" }));
  expect(await sendMessage("s", { key: "k", body: "Hi" }, long.options)).toEqual({
    sent: false,
    problem: "slow down",
  });
});
