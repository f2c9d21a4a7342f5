import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { testContext } from "../../kernel/index.ts";
import { withLock } from "./lock.ts";

const here = dirname(fileURLToPath(import.meta.url));

describe("withLock", () => {
  let directory: string;
  const context = testContext();
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "fairlead-lock-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  // Adds 1 to a file `count` times, reading and writing with a pause between, so that a lost update shows.
  const increments = (count: number) => [
    process.execPath,
    "--input-type=module",
    "--eval",
    `import { readFile, writeFile } from "node:fs/promises";
     import { setTimeout as delay } from "node:timers/promises";
     import { testContext } from ${JSON.stringify(join(here, "../../kernel/index.ts"))};
     import { withLock } from ${JSON.stringify(join(here, "lock.ts"))};
     const context = testContext();
     const path = ${JSON.stringify(join(directory, "counter"))};
     for (let i = 0; i < ${String(count)}; i += 1) {
       await withLock(context, ${JSON.stringify(join(directory, "lock"))}, { what: "counting" }, async () => {
         const value = Number(await readFile(path, "utf8"));
         await delay(2);
         await writeFile(path, String(value + 1));
       });
     }`,
  ];

  it("lets one in at a time, across processes and within one", async () => {
    await writeFile(join(directory, "counter"), "0");
    const outcomes = await Promise.all([
      ...[1, 2, 3].map(() => context.exec(increments(15))),
      ...[1, 2, 3, 4, 5].map(() =>
        withLock(context, join(directory, "lock"), { what: "counting" }, async () => {
          const value = Number(await readFile(join(directory, "counter"), "utf8"));
          await context.clock.sleep(2);
          await writeFile(join(directory, "counter"), String(value + 1));
          return { code: 0, stderr: "" };
        }),
      ),
    ]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, ""]));
    expect(await readFile(join(directory, "counter"), "utf8")).toBe("50");
    expect(await readdir(join(directory, "lock"))).toHaveLength(1);
  });

  it("is taken over once from a holder that was killed, however many wait", async () => {
    const lock = join(directory, "lock");
    const holding = context.exec([
      process.execPath,
      "--input-type=module",
      "--eval",
      `import { testContext } from ${JSON.stringify(join(here, "../../kernel/index.ts"))};
       import { withLock } from ${JSON.stringify(join(here, "lock.ts"))};
       const die = () => process.kill(process.pid, "SIGKILL");
       await withLock(testContext(), ${JSON.stringify(lock)}, { what: "dying" }, die);`,
    ]);
    expect((await holding).code).toBe(137);
    expect(await readdir(lock)).toEqual(["1"]);

    let inside = 0;
    let most = 0;
    const enter = () =>
      withLock(context, lock, { what: "entering" }, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await context.clock.sleep(1);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 10 }, enter));
    expect(most).toBe(1);
  });

  it("takes over from a reused pid and from a file that a power failure emptied", async () => {
    const lock = join(directory, "lock");
    await mkdir(lock);
    const reused = { pid: process.pid, startedTicks: "1", what: "old", since: 0 };
    await writeFile(join(lock, "1"), JSON.stringify(reused));
    expect(await withLock(context, lock, { what: "new" }, () => Promise.resolve("in"))).toBe("in");
    await writeFile(join(lock, "9"), "");
    expect(await withLock(context, lock, { what: "new" }, () => Promise.resolve("in"))).toBe("in");
  });

  it("gives up with the holder's name, and is free again after an error", async () => {
    const lock = join(directory, "lock");
    await withLock(context, lock, { what: "a long copy" }, async () => {
      const second = withLock(context, lock, { what: "starting", timeoutMs: 100 }, () => Promise.resolve());
      await expect(second).rejects.toMatchObject({ code: "database-busy" });
      await expect(second).rejects.toThrow(`process ${String(process.pid)} (a long copy`);
    });
    const failing = withLock(context, lock, { what: "failing" }, () => Promise.reject(new Error("inside")));
    await expect(failing).rejects.toThrow("inside");
    expect(await withLock(context, lock, { what: "next" }, () => Promise.resolve("in"))).toBe("in");
  });
});
