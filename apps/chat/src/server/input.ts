import { randomUUID } from "node:crypto";

import { z } from "zod";

import { limits } from "../limits.ts";

export type Problems = Record<string, string>;
export type Checked<Values> = { ok: true; values: Values } | { ok: false; problems: Problems };

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(limits.email, { error: "This address is too long." })
  .pipe(z.email({ error: "Enter an e-mail address, such as name@example.com." }));

const title = z
  .string()
  .trim()
  .min(1, { error: "Give the session a name." })
  .max(limits.title, { error: `Use at most ${String(limits.title)} characters.` });

export const signupInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, { error: "Tell the others your name." })
    .max(limits.name, { error: `Use at most ${String(limits.name)} characters.` }),
  email,
  password: z
    .string()
    .min(limits.passwordMin, { error: `Use at least ${String(limits.passwordMin)} characters.` })
    .max(limits.passwordMax, { error: `Use at most ${String(limits.passwordMax)} characters.` }),
});

export const loginInput = z.object({
  email,
  password: z.string().min(1, { error: "Enter your password." }).max(limits.passwordMax),
});

export const titleInput = z.object({ title });

export const messageInput = z.object({
  body: z
    .string()
    // Browsers send the line ends of forms as CRLF; a message is the same with and without JavaScript.
    .transform((text) => text.replaceAll("\r\n", "\n").replaceAll("\0", "").trim())
    .pipe(
      z
        .string()
        .min(1, { error: "Write something first." })
        .max(limits.message, { error: `A message has at most ${String(limits.message)} characters.` }),
    ),
  key: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, { error: "A key has 1 to 100 letters, digits or . : _ -" })
    .default(() => randomUUID()),
});

/** Checks what a visitor or program sent; the first problem of each field. */
export function checkInput<Values>(schema: z.ZodType<Values>, input: unknown): Checked<Values> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, values: result.data };
  const problems: Problems = {};
  for (const issue of result.error.issues) problems[String(issue.path[0] ?? "form")] ??= issue.message;
  return { ok: false, problems };
}
