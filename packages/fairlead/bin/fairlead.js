#!/usr/bin/env node
// Plain JavaScript that any Node.js reads: it answers --version without loading anything and refuses old versions.
import { existsSync, readFileSync } from "node:fs";

const needed = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${manifest.version}\n`);
} else if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `fairlead needs Node.js ${needed.join(".")} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      "Get it from https://nodejs.org, with a version manager (nvm install 24, fnm install 24), or for this project\n" +
      "alone: npm install --save-dev node@24, then run npx fairlead.\n",
  );
  process.exitCode = 3;
} else {
  const source = new URL("../src/cli/main-process.ts", import.meta.url);
  const build = new URL("../dist/cli/main-process.js", import.meta.url);
  const { runProcess } = await import((existsSync(source) ? source : build).href);
  await runProcess(argv);
}
