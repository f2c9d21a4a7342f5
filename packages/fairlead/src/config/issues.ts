import type { z } from "zod";

import { closest } from "../kernel/index.ts";
import { describeExpectedAt, formatPath, knownKeysAt, type Path } from "./outline.ts";

/** A mistake at one place of the configuration. */
export interface ConfigProblem {
  path: Path;
  message: string;
  remedy?: string;
}

/** Turns what the schema found into problems that say what is there and what is expected. */
export function problemsOfIssues(issues: readonly z.core.$ZodIssue[], input: unknown): ConfigProblem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, [], input));
  const unknown = problems.filter((problem) => problem.suggestion !== undefined);
  const misspelt = new Set(
    unknown.map((problem) => [...problem.path.slice(0, -1), problem.suggestion].join("\n")),
  );
  // A key that is missing because it is misspelt is one mistake, not two.
  return problems
    .filter((problem) => !problem.missing || !misspelt.has(problem.path.join("\n")))
    .map(({ path, message, remedy }) => ({ path, message, ...(remedy === undefined ? {} : { remedy }) }));
}

interface FoundProblem extends ConfigProblem {
  missing?: boolean;
  suggestion?: string;
}

function problemsOfIssue(issue: z.core.$ZodIssue, base: Path, input: unknown): FoundProblem[] {
  const path = [...base, ...issue.path.filter((part) => typeof part !== "symbol")];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key]));
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? "another name";
    return [{ path, message: `is not a possible name, expected ${expected}` }];
  }
  if (issue.code === "invalid_union") {
    // The alternative of the right kind is the one that was meant.
    const meant = issue.errors.find((errors) =>
      errors.every((error) => error.path.length > 0 || error.code === "unrecognized_keys"),
    );
    if (meant !== undefined) return meant.flatMap((error) => problemsOfIssue(error, path, input));
  }
  const given = valueAt(input, path);
  const expected = issue.code === "invalid_format" ? issue.message : describeExpectedAt(path);
  if (given === undefined) return [{ path, message: `is missing, expected ${expected}`, missing: true }];
  return [{ path, message: `is ${describeGiven(given, path)}, expected ${expected}` }];
}

function unknownKey(path: Path): FoundProblem {
  const known = knownKeysAt(path.slice(0, -1));
  const suggestion = closest(String(path.at(-1)), known);
  if (suggestion !== undefined) {
    return { path, message: "is not a known key", remedy: `did you mean ${suggestion}?`, suggestion };
  }
  return { path, message: "is not a known key", remedy: `expected one of ${known.join(", ")}` };
}

/** The value at a path of the input; `undefined` where there is none. */
function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined;
  }
  return value;
}

// A value of a variable may be a secret in the wrong place: only its kind is shown.
function describeGiven(value: unknown, path: Path): string {
  if (path.includes("variables")) return `of the type ${Array.isArray(value) ? "list" : typeof value}`;
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** `environments.production.port: is "abc", expected a whole number from 1 to 65535`. */
export function formatConfigProblem(problem: ConfigProblem): string {
  const remedy = problem.remedy === undefined ? "" : ` (${problem.remedy})`;
  return `${formatPath(problem.path)}: ${problem.message}${remedy}`;
}
