import type { LoadedConfig } from "../../config/index.ts";
import { type Context, exitCodes } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { examine, type Finding } from "../doctor/finding.ts";
import { machineChecks } from "../doctor/machine.ts";
import { checkGit, projectChecks } from "../doctor/project.ts";
import { loadedConfig } from "../loading.ts";

const marks = { ok: "ok   ", note: "note ", warn: "warn ", fail: "FAIL " };

/** `fairlead doctor`: looks at everything, changes nothing; exit code 1 where something fails. */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const step = context.out.step("Look at this machine and this project");
  let loaded: LoadedConfig | undefined;
  const configuration = await examine({
    configuration: async () => {
      loaded = await loadedConfig(context, input);
      return { name: "configuration", state: "ok", message: loaded.file };
    },
  });
  const root = loaded?.root ?? context.cwd;
  const findings = [
    ...configuration,
    ...(await examine({ ...machineChecks(context, root), git: () => checkGit(context, root) })),
    ...(loaded === undefined ? [] : await examine(projectChecks(context, loaded))),
  ];
  step.done(summarize(findings));
  for (const line of findings.flatMap(renderFinding)) context.out.line(line);
  context.out.json({ checks: findings });
  return findings.some(({ state }) => state === "fail") ? exitCodes.checkFailed : exitCodes.ok;
}

function summarize(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  return `${String(count("ok"))} ok, ${String(count("warn"))} to look at, ${String(count("fail"))} failed`;
}

function renderFinding(finding: Finding): string[] {
  const details = finding.details ?? [];
  return [
    `${marks[finding.state]} ${finding.name}: ${finding.message}`,
    ...details.map((line) => `        ${line}`),
    ...(finding.remedy === undefined ? [] : [`      → ${finding.remedy}`]),
  ];
}
