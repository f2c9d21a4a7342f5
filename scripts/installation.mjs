import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs `npm ci` where node_modules is not what package-lock.json says; gives the exit code, 0 where nothing is missing.
 * @param {string} root
 * @returns {number}
 */
export function installMissing(root) {
  const reason = installReason(root);
  if (reason === undefined) return 0;
  process.stderr.write(`installing the dependencies: ${reason}\n`);
  const npm = process.env["npm_execpath"];
  const [program, ...before] = npm?.endsWith(".js") === true ? [process.execPath, npm] : ["npm"];
  const args = [...before, "ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined) process.stderr.write(`cannot start npm: ${error.message}\n`);
  return status ?? 3;
}

/**
 * Why `npm ci` must run, or `undefined`. npm writes node_modules/.package-lock.json last, when all went well.
 * @param {string} root
 * @returns {string | undefined}
 */
export function installReason(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  if (wanted === undefined) return undefined;
  if (!existsSync(join(root, "node_modules"))) return "there is no node_modules yet";
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return "the last installation did not end";
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/")) continue;
    const present = installed[path];
    // Optional packages of other platforms are in the lockfile only.
    if (present === undefined && entry.optional !== true) return `${path} is missing`;
    if (present !== undefined && present.version !== entry.version) {
      return `${path} is ${present.version ?? "linked"}, package-lock.json says ${entry.version ?? "linked"}`;
    }
  }
  const surplus = Object.keys(installed).find((path) => wanted[path] === undefined);
  return surplus === undefined ? undefined : `${surplus} is not in package-lock.json`;
}

/**
 * The Node.js that the repository brings along, else this one where it is new enough.
 * @param {string} root
 * @returns {string}
 */
export function findNode(root) {
  const own = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  process.stderr.write(
    `Node.js 22.18 or newer is needed; this is ${process.versions.node}, and the npm package "node" that brings one ` +
      "was not installed.\nAllow its install script (npm rebuild node) or install Node.js 24.\n",
  );
  process.exit(3);
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string; optional?: boolean }> | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}
