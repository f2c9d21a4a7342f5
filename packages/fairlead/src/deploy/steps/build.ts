import { buildRelease, readRelease, type Release, verifyRelease } from "../../build/index.ts";
import { FairleadError } from "../../kernel/index.ts";
import type { Facts } from "../plan.ts";
import type { Run, StepDefinition, StepResult } from "../step.ts";

/** Makes the release from the sources, or finds the one that is promoted; it is never built twice. */
export const build: StepDefinition = {
  name: "build",
  title: (plan) => (plan.to.id === undefined ? "Build the release" : "Find the release"),
  apply: (run) => (run.plan.kind === "deploy" ? buildFromSources(run) : findRelease(run)),
};

async function buildFromSources(run: Run): Promise<StepResult> {
  const { context, target, stack, options } = run;
  if (stack === undefined) throw new TypeError("a deploy from sources needs its stack");
  const { release, reused } = await buildRelease(context, {
    root: target.root,
    stack,
    config: target.config,
    rebuild: options.rebuild,
    onOutput: (text) => {
      run.progress(lastLine(text));
    },
  });
  const note = reused ? `${release.id}, built before` : release.id;
  return { note, facts: factsOf(release) };
}

async function findRelease(run: Run): Promise<StepResult> {
  const { id } = run.plan.to;
  const release = id === undefined ? undefined : await readRelease(run.target.root, id);
  if (release === undefined) {
    throw new FairleadError("release-missing", `the release ${id ?? "?"} is not on this machine`, {
      hint: "Deploy its commit again: the build makes it anew.",
    });
  }
  if (!(await verifyRelease(release))) {
    throw new FairleadError(
      "release-changed",
      `the files of the release ${release.id} were changed after the build`,
      {
        hint: `Delete ${release.directory} and deploy again; releases are immutable.`,
      },
    );
  }
  return { note: `${release.id}, the same build`, facts: factsOf(release) };
}

function factsOf(release: Release): Partial<Facts> {
  return {
    releaseId: release.id,
    releaseDirectory: release.directory,
    applicationDirectory: release.applicationDirectory,
    start: release.start,
  };
}

function lastLine(text: string): string {
  return (text.trimEnd().split("\n").at(-1) ?? "").slice(0, 80);
}
