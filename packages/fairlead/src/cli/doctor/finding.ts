import {
  codeOf,
  type Context,
  FairleadError,
  formatProblem,
  messageOf,
  type Problem,
} from "../../kernel/index.ts";

/** What a check found; `note`: something that is not needed is not there. */
export interface Finding {
  name: string;
  state: "ok" | "note" | "warn" | "fail";
  message: string;
  remedy?: string;
  details?: string[];
}

/** Looks at one thing; gives several findings where it looks at several places. */
export type Check = () => Promise<Finding | Finding[]>;

/** Runs the checks one beside the other; one that breaks is a failed finding, not the end of the others. */
export async function examine(checks: Record<string, Check>): Promise<Finding[]> {
  const found = await Promise.all(
    Object.entries(checks).map(([name, check]) => check().catch((error: unknown) => broken(name, error))),
  );
  return found.flat();
}

function broken(name: string, error: unknown): Finding {
  if (!(error instanceof FairleadError)) return { name, state: "fail", message: messageOf(error) };
  if (error.exit === "cancelled") throw error;
  return {
    name,
    state: "fail",
    message: error.message,
    ...(error.hint === undefined ? {} : { remedy: error.hint }),
    ...(error.details.length === 0 ? {} : { details: error.details }),
  };
}

/** Problems as findings of a check, or that there is none. */
export function findingsOf(
  name: string,
  problems: readonly Problem[],
  state: "warn" | "fail",
  fine: string,
): Finding[] {
  if (problems.length === 0) return [{ name, state: "ok", message: fine }];
  return problems.map((problem) => ({
    name,
    state,
    message: formatProblem({ where: problem.where, message: problem.message }),
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
  }));
}

/** The first line that a program prints; `undefined` when it is not there or fails. */
export async function firstLine(context: Context, argv: readonly string[]): Promise<string | undefined> {
  try {
    const { code, stdout } = await context.exec(argv, { timeoutMs: 10_000 });
    return code === 0 ? (stdout.trim().split("\n")[0] ?? "") : undefined;
  } catch (error) {
    if (codeOf(error) === "tool-missing" || codeOf(error) === "exec-timeout") return undefined;
    throw error;
  }
}
