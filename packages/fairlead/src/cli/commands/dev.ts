import { spawn } from "node:child_process";

import { migrateDatabase, plainVariables, seedDatabase, stackOf, targetOf } from "../../deploy/index.ts";
import { type Context, exitCodes, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig, withOpenTarget } from "../loading.ts";

const endGraceMs = 5000;

/** `fairlead dev`: the development command in the foreground, on a migrated development database. */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const target = targetOf(await loadedConfig(context, input), "development");
  const stack = await stackOf(context, target);
  const { dev } = stack;
  if (dev === undefined) {
    throw new FairleadError("no-dev", "this application has no development command", {
      exit: "usage",
      hint: 'Add a package script "dev", or name a command in fairlead.config.ts: dev: ["next", "dev"]',
    });
  }
  return withOpenTarget(context, target, async (open) => {
    if (stack.migrations !== undefined) {
      const step = context.out.step("Migrate the development database");
      const first =
        (await open.state.query("select 1 from fairlead.journal where step = 'dev' limit 1")).length === 0;
      const applied = await migrateDatabase(context, open, stack);
      step.done(applied.length === 0 ? "nothing pending" : applied.join(", "));
      if (first && applied.length > 0 && stack.seed !== undefined) {
        const seeding = context.out.step("Seed it");
        await seedDatabase(context, open, stack);
        seeding.done();
      }
    }
    const port = String(target.environment.port);
    context.out.line(`development: http://localhost:${port} (${dev.join(" ")}; Ctrl-C ends it)`);
    const variables = await plainVariables(context, open);
    return runForeground(context, dev, stack.directory, {
      ...variables,
      PORT: port,
      NODE_ENV: "development",
    });
  });
}

/** Runs a command with the output on this terminal until it ends or Ctrl-C; the database stays up for the next time. */
function runForeground(
  context: Context,
  argv: readonly string[],
  cwd: string,
  variables: Record<string, string>,
): Promise<number> {
  const [program = "", ...args] = argv;
  // A group of its own: package managers do not pass a signal on to what they have started.
  const child = spawn(program, args, {
    cwd,
    env: { ...context.env, ...variables },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  let killTimer: NodeJS.Timeout | undefined;
  const end = () => {
    endGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => {
      endGroup(child.pid, "SIGKILL");
    }, endGraceMs);
  };
  context.signal.addEventListener("abort", end, { once: true });
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => {
      reject(new FairleadError("tool-missing", `cannot start ${program}`, { cause, exit: "environment" }));
    });
    child.on("exit", (code) => {
      clearTimeout(killTimer);
      context.signal.removeEventListener("abort", end);
      // What the package manager leaves behind when it ends first.
      endGroup(child.pid, "SIGKILL");
      resolve(context.signal.aborted ? exitCodes.ok : (code ?? exitCodes.checkFailed));
    });
  });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
