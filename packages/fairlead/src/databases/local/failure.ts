import { FairleadError } from "../../kernel/index.ts";

/** Why a server did not come up, read from its messages (`lc_messages` is C). */
export type FailureKind = "disk-full" | "port-taken" | "in-use" | "version" | "permission" | "other";

const signs: [FailureKind, RegExp][] = [
  ["disk-full", /No space left on device|Disk quota exceeded/i],
  [
    "port-taken",
    /could not bind IPv[46] address|could not create any TCP\/IP sockets|Address already in use/,
  ],
  ["in-use", /lock file "postmaster\.pid" already exists|pre-existing shared memory block/],
  ["version", /database files are incompatible with server|was initialized by PostgreSQL version/],
  ["permission", /Permission denied|has wrong ownership|has invalid permissions/],
];

/** Sorts a failure by the server's last messages. */
export function classifyFailure(lines: readonly string[]): FailureKind {
  const text = lines.join("\n");
  return signs.find(([, sign]) => sign.test(text))?.[0] ?? "other";
}

/** The error of a server (or initdb) that did not do what it was started for, with its last messages. */
export function startFailure(failure: { what: string; folder: string; lines: string[] }): FairleadError {
  const { folder, lines, what } = failure;
  const details = lines.filter((line) => line.trim() !== "");
  const exit = "environment";
  switch (classifyFailure(lines)) {
    case "disk-full":
      return new FairleadError("disk-full", `${what}: no space left on the device of ${folder}`, {
        exit,
        details,
        hint: "Make room on that device, and run the same command again; nothing is lost.",
      });
    case "version":
      return new FairleadError("database-version", `${what}: ${folder} was made with another major version`, {
        exit,
        details,
        hint: "Install that version of PostgreSQL beside the others; it is found by itself.",
      });
    case "permission":
      return new FairleadError("database-permission", `${what}: it may not use ${folder}`, {
        exit,
        details,
        hint: "Give the folder back to the account that made it, and make the folders above it passable.",
      });
    case "port-taken":
    case "in-use":
    case "other":
      return new FairleadError("database-start", `${what} in ${folder}`, {
        exit,
        details,
        hint: "The messages above say why.",
      });
  }
}
