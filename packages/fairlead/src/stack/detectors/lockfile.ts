import type { Problem } from "../../kernel/index.ts";
import type { Detector } from "../detector.ts";
import type { PackageManager } from "../port.ts";
import type { Survey } from "../survey.ts";

const lockfiles: Record<string, PackageManager> = {
  "package-lock.json": "npm",
  "npm-shrinkwrap.json": "npm",
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
};

/** The package manager: what the field `packageManager` says, else whose lockfile there is. */
export const packageManager: Detector = {
  name: "package manager",
  detect(survey) {
    if (!survey.hasManifest) return { packageManager: "npm" };
    const declared = declaredIn(survey);
    const present = lockfilesOf(survey);
    const chosen = declared ?? lockfiles[basenameOf(present[0])] ?? "npm";
    const own = present.find((path) => lockfiles[basenameOf(path)] === chosen);
    const unknown = problems(chosen, present, own);
    return { packageManager: chosen, unknown, ...(own === undefined ? {} : { lockfile: own }) };
  },
};

function declaredIn({ manifest, rootManifest }: Survey): PackageManager | undefined {
  const name = /^(npm|pnpm|yarn|bun)@/.exec(
    manifest.packageManager ?? rootManifest.packageManager ?? "",
  )?.[1];
  return name as PackageManager | undefined;
}

// The application's own lockfile counts more than the root's; paths are from the root.
function lockfilesOf({ application, files }: Survey): string[] {
  const folders = application === "" ? [""] : [`${application}/`, ""];
  for (const folder of folders) {
    const found = Object.keys(lockfiles).map((name) => folder + name);
    const present = found.filter((path) => files.paths.includes(path));
    if (present.length > 0) return present;
  }
  return [];
}

function problems(chosen: PackageManager, present: string[], own: string | undefined): Problem[] {
  const others = present.filter((path) => lockfiles[basenameOf(path)] !== chosen);
  if (others.length > 0 && own !== undefined) {
    const message = `there are several lockfiles: ${present.join(", ")}; ${chosen} is taken`;
    return [{ where: "lockfile", message, remedy: `delete ${others.join(", ")}, or whichever is not used` }];
  }
  if (own !== undefined) return [];
  const message = `there is no lockfile of ${chosen}: a build today and one tomorrow may differ`;
  return [{ where: "lockfile", message, remedy: `run ${chosen} install and commit the lockfile` }];
}

function basenameOf(path: string | undefined): string {
  return path?.slice(path.lastIndexOf("/") + 1) ?? "";
}
