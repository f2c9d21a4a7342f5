import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";

const recordFile = join(import.meta.dirname, "RESULTS.md");
const resultsDirectory = join(import.meta.dirname, "results");

/** Writes every sample of a run to bench/results/<name>.json (not committed); gives the path from where it was started. */
export async function writeSamples(name: string, samples: readonly object[]): Promise<string> {
  await mkdir(resultsDirectory, { recursive: true });
  const path = join(resultsDirectory, `${name}.json`);
  await writeFile(path, `${JSON.stringify(samples, undefined, 2)}\n`);
  return relative(process.cwd(), path);
}

/** Replaces the section `## <title>` of bench/RESULTS.md, or adds it at the end. */
export async function recordSection(title: string, body: string): Promise<void> {
  const text = await readFile(recordFile, "utf8");
  const [introduction = "", ...sections] = text.split(/^(?=## )/m);
  const section = `## ${title}\n\n${body.trim()}\n`;
  const index = sections.findIndex((other) => other.startsWith(`## ${title}\n`));
  if (index === -1) sections.push(section);
  else sections[index] = section;
  await writeFile(recordFile, `${[introduction, ...sections].map((part) => part.trim()).join("\n\n")}\n`);
}

/** `2026-03-01 · 2 cores, Debian 12`: all that a reader is told about when and where. */
export async function describeRun(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n ]+)`, "m").exec(release)?.[1];
  const system = [field("NAME") ?? process.platform, field("VERSION_ID")].filter(Boolean).join(" ");
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${String(availableParallelism())} cores, ${system}`;
}
