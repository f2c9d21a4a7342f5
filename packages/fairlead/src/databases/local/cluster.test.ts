import { describe, expect, it } from "vitest";

import { namesFor } from "./cluster.ts";
import { classifyFailure, startFailure } from "./failure.ts";

describe("the names of role and database", () => {
  it("need no quoting, are none of Postgres' own, and differ where what they stand for differs", () => {
    expect(namesFor("chat-app", "preview-Pr-7")).toEqual({
      role: "chat_app_preview_pr_7",
      database: "chat_app",
    });
    expect(namesFor("postgres", "staging").database).toBe("postgres_app");
    expect(namesFor("pg-admin", "staging")).toEqual({
      role: "app_pg_admin_staging",
      database: "app_pg_admin",
    });
    const long = ["a", "b"].map((end) => namesFor("chat", `preview-${"x".repeat(80)}${end}`).role);
    expect(new Set(long).size).toBe(2);
    expect(long.every((role) => role.length <= 63 && /^[a-z][a-z0-9_]*$/.test(role))).toBe(true);
  });
});

describe("the reason why a server does not start", () => {
  it("is read from its messages", () => {
    const kinds = [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
      'FATAL:  lock file "postmaster.pid" already exists',
      "FATAL:  pre-existing shared memory block (key 123, ID 4) is still in use",
      "DETAIL:  The data directory was initialized by PostgreSQL version 15, which is …",
      'FATAL:  could not open file "base": Permission denied',
      'FATAL:  invalid value for parameter "shared_buffers": "nonsense"',
    ].map((line) => classifyFailure(["LOG:  starting PostgreSQL", line]));
    expect(kinds).toEqual(["disk-full", "port-taken", "in-use", "in-use", "version", "permission", "other"]);
  });

  it("becomes an error with place, messages and remedy", () => {
    const error = startFailure({
      what: "Postgres does not start",
      folder: "/data",
      lines: ["", "FATAL: why"],
    });
    expect(error).toMatchObject({ code: "database-start", exit: "environment", details: ["FATAL: why"] });
    expect(error.message).toContain("/data");
  });
});
