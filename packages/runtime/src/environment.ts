import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

/** What is wrong with one variable, without its value. */
export interface EnvironmentProblem {
  /** The variable; `environment` when a rule concerns several. */
  name: string;
  problem: string;
  expected: string;
}

export type EnvironmentCheck<Values> =
  { ok: true; values: Values } | { ok: false; problems: EnvironmentProblem[] };

export type EnvironmentSource = Readonly<Record<string, string | undefined>>;

/** The variables that an application needs, described once. */
export interface Environment<Values> {
  /** Validates without any effect; by default the variables of this process. */
  check(source?: EnvironmentSource): EnvironmentCheck<Values>;
  /** The validated variables of this process, read once; throws an `Error` with the table of all problems. */
  values(): Values;
}

/** Any Standard Schema; where it also speaks Standard JSON Schema, the table says what is expected. */
export type EnvironmentSchema<Values> = StandardSchemaV1<unknown, Values>;

interface VariableDescription {
  description?: string;
  type?: string;
  enum?: unknown[];
  format?: string;
  minLength?: number;
  default?: string | number | boolean;
}

/** Describes the variables an application needs; nothing is read before `check` or `values` is called. */
export function defineEnvironment<Values>(schema: EnvironmentSchema<Values>): Environment<Values> {
  let known: Values | undefined;
  const check = (source: EnvironmentSource = process.env): EnvironmentCheck<Values> =>
    validate(schema, source);
  const values = (): Values => {
    if (known !== undefined) return known;
    const result = check();
    if (!result.ok) throw new Error(formatEnvironmentProblems(result.problems));
    known = result.values;
    return known;
  };
  return { check, values };
}

/** Ends the process with exit code 1 and one table of all problems where variables are missing or wrong. */
export function enforceEnvironment(environment: Environment<unknown>): void {
  const result = environment.check();
  if (result.ok) return;
  process.stderr.write(`${formatEnvironmentProblems(result.problems)}\n`);
  process.exit(1);
}

/** One table of all problems for people: variable, problem, what is expected. */
export function formatEnvironmentProblems(problems: readonly EnvironmentProblem[]): string {
  const rows = [["variable", "problem", "expected"], ...problems.map((p) => [p.name, p.problem, p.expected])];
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? "").length));
  const widths = [width(0), width(1)];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  return [
    `The environment has ${count}; nothing was started.`,
    "",
    ...lines.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function validate<Values>(
  schema: EnvironmentSchema<Values>,
  source: EnvironmentSource,
): EnvironmentCheck<Values> {
  // An empty variable means "not set": `NAME=` in a file is how people leave one out.
  const present = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema["~standard"].validate(present);
  if (result instanceof Promise) throw new TypeError("an environment schema must validate synchronously");
  if (result.issues === undefined) return { ok: true, values: result.value };
  const descriptions = describeVariables(schema);
  const problems = new Map<string, EnvironmentProblem>();
  for (const issue of result.issues) {
    const name = nameOf(issue);
    const missing = name !== "environment" && !(name in present);
    const problem = missing ? "missing" : withoutValues(issue.message, present, name);
    const before = problems.get(name);
    const all = before === undefined || missing ? problem : `${before.problem}; ${problem}`;
    problems.set(name, { name, problem: all, expected: expectation(descriptions[name]) });
  }
  return { ok: false, problems: [...problems.values()] };
}

function nameOf(issue: StandardSchemaV1.Issue): string {
  const first = issue.path?.[0];
  if (first === undefined) return "environment";
  return String(typeof first === "object" ? first.key : first);
}

/** A validator may quote what it got; a value that is secret must not reach the log that way. */
function withoutValues(message: string, present: EnvironmentSource, name: string): string {
  const own = present[name];
  if (own !== undefined && message.includes(own)) return "not valid";
  const quoted = Object.values(present).some(
    (value) => value && value.length >= 8 && message.includes(value),
  );
  return quoted ? "not valid" : message;
}

function describeVariables(schema: object): Record<string, VariableDescription> {
  const standard = (schema as Partial<StandardJSONSchemaV1>)["~standard"];
  if (standard === undefined || !("jsonSchema" in standard)) return {};
  try {
    const described = standard.jsonSchema.input({ target: "draft-2020-12" });
    return (described["properties"] ?? {}) as Record<string, VariableDescription>;
  } catch {
    // A schema with a part that JSON Schema cannot express is still a schema: the table only says less.
    return {};
  }
}

function expectation(variable: VariableDescription | undefined): string {
  if (variable === undefined) return "";
  const parts: string[] = [];
  if (variable.description !== undefined) parts.push(variable.description);
  else if (variable.format !== undefined) parts.push(variable.format);
  else if (variable.type !== undefined && variable.enum === undefined) parts.push(variable.type);
  if (variable.enum !== undefined) parts.push(`one of ${variable.enum.map(String).join(", ")}`);
  if (variable.minLength !== undefined) parts.push(`at least ${String(variable.minLength)} characters`);
  if (variable.default !== undefined) parts.push(`default ${String(variable.default)}`);
  return parts.join(", ");
}
