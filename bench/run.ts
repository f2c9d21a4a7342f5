import {
  type Context,
  exitCodes,
  FairleadError,
  messageOf,
  testContext,
} from "../packages/fairlead/src/kernel/index.ts";

/** Runs a benchmark to its end and sets the exit code: what `work` gives, or that of its error; Ctrl-C ends it in order. */
export async function runBenchmark(work: (context: Context) => Promise<number>): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      interrupt.abort();
    });
  }
  try {
    process.exitCode = await work(testContext({ signal: interrupt.signal }));
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (!(error instanceof FairleadError)) {
    console.error(error instanceof Error ? error.stack : messageOf(error));
    return exitCodes.bug;
  }
  console.error(`error: ${error.message}`);
  for (const line of error.details) console.error(`  ${line}`);
  if (error.hint !== undefined) console.error(error.hint);
  return exitCodes[error.exit];
}
