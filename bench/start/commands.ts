import { existsSync } from "node:fs";
import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");
const packageDirectory = join(repository, "packages/fairlead");

/** Node.js with nothing to do. */
export const bareName = "node -e 0";
export const versionName = "fairlead --version";

/** What is started and timed. */
export interface StartCommand {
  name: string;
  argv: string[];
}

/** True once `npm run build` has made the published form of the package. */
export function isBuilt(): boolean {
  return existsSync(join(packageDirectory, "dist/cli/main-process.js"));
}

/** Node.js alone and the command line from its sources; with `built` also as it is published, laid out in that folder. */
export async function listCommands(built: string | undefined): Promise<StartCommand[]> {
  const program = (directory: string) => [process.execPath, join(directory, "bin/fairlead.js")];
  const commands = [
    { name: bareName, argv: [process.execPath, "-e", "0"] },
    { name: versionName, argv: [...program(packageDirectory), "--version"] },
    { name: "fairlead --help", argv: [...program(packageDirectory), "--help"] },
  ];
  if (built === undefined) return commands;
  const installed = await layOut(built);
  return [
    ...commands,
    { name: "fairlead --version (built)", argv: [...program(installed), "--version"] },
    { name: "fairlead --help (built)", argv: [...program(installed), "--help"] },
  ];
}

// The program prefers the sources where there are any, so the build is timed in a folder without them.
async function layOut(directory: string): Promise<string> {
  const installed = join(directory, "fairlead");
  await mkdir(installed);
  for (const part of ["bin", "dist", "package.json"]) {
    await cp(join(packageDirectory, part), join(installed, part), { recursive: true });
  }
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  return installed;
}
