import type { PackageManager } from "./port.ts";

/** The argv that runs a package script in the folder of its manifest. */
export function scriptCommand(manager: PackageManager, script: string): string[] {
  return [manager, "run", script];
}

/** The argv that runs a binary of an installed package. */
export function binaryCommand(manager: PackageManager, binary: string, ...args: string[]): string[] {
  const prefix: Record<PackageManager, string[]> = {
    npm: ["npm", "exec", "--"],
    pnpm: ["pnpm", "exec"],
    yarn: ["yarn", "run"],
    bun: ["bun", "x"],
  };
  return [...prefix[manager], binary, ...args];
}
