import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

import { type Manifest, parseManifest } from "../manifest.ts";
import type { StartCommand } from "../port.ts";
import type { Survey } from "../survey.ts";

type NodeStart = Extract<StartCommand, { kind: "node" }>;

interface Binary {
  package: string;
  /** Where the package has it, for when it is not installed yet. */
  file: string;
  /** Flags for the address, which the platform says by `PORT` and `HOSTNAME`. */
  addressFlags: string[];
}

const nextFlags = ["-p", "--port", "-H", "--hostname"];

/** Servers whose binary is a Node.js program that listens in its own process. */
const binaries: Record<string, Binary> = {
  next: { package: "next", file: "dist/bin/next", addressFlags: nextFlags },
  "remix-serve": { package: "@remix-run/serve", file: "dist/cli.js", addressFlags: [] },
  "react-router-serve": { package: "@react-router/serve", file: "bin.cjs", addressFlags: [] },
  fastify: { package: "fastify-cli", file: "cli.js", addressFlags: ["-p", "--port", "-a", "--address"] },
  "http-server": { package: "http-server", file: "bin/http-server", addressFlags: ["-p", "--port", "-a"] },
};

/**
 * The Node.js entry behind a package's binary: a known server, or any that is installed as a JavaScript file.
 */
export function resolveBinary(survey: Survey, argv: readonly string[]): NodeStart | undefined {
  const [name = "", ...words] = argv;
  const known = Object.hasOwn(binaries, name) ? binaries[name] : undefined;
  if (known === undefined) return installedBinary(survey, name, words);
  const args = withoutAddress(words, known.addressFlags);
  return { kind: "node", entry: entryOf(survey, name, known), args, nodeArgs: [] };
}

function withoutAddress(words: readonly string[], flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (flags.includes(word)) index += 1;
    else if (!flags.some((flag) => word.startsWith(`${flag}=`))) kept.push(word);
  }
  return kept;
}

function entryOf(survey: Survey, name: string, binary: Binary): string {
  for (const folder of foldersUpwards(survey)) {
    const path = join(folder, "node_modules", binary.package);
    const manifest = readManifest(path);
    if (manifest === undefined) continue;
    const file = (typeof manifest.bin === "object" ? manifest.bin[name] : manifest.bin) ?? binary.file;
    return fromApplication(survey, join(path, file));
  }
  return `node_modules/${binary.package}/${binary.file}`;
}

function installedBinary(survey: Survey, name: string, words: string[]): NodeStart | undefined {
  for (const folder of foldersUpwards(survey)) {
    try {
      const path = realpathSync(join(folder, "node_modules/.bin", name));
      if (!readFileSync(path, "utf8").slice(0, 100).split("\n")[0]?.includes("node")) continue;
      return { kind: "node", entry: fromApplication(survey, path), args: words, nodeArgs: [] };
    } catch {
      // It is not installed here.
    }
  }
  return undefined;
}

function foldersUpwards({ directory, root }: Survey): string[] {
  const folders = [directory];
  for (let folder = directory; folder !== root && folder !== dirname(folder);) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

function fromApplication({ directory }: Survey, path: string): string {
  return relative(directory, path).split(sep).join("/");
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return parseManifest(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
}
