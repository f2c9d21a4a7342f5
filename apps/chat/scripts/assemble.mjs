// Completes `.next/standalone` so that it runs by itself: Next.js leaves the static files to a CDN.
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";

const application = join(import.meta.dirname, "..");
const standalone = join(application, ".next/standalone/apps/chat");
const copies = [
  [join(application, "public"), join(standalone, "public")],
  [join(application, ".next/static"), join(standalone, ".next/static")],
];

for (const [from, to] of copies) {
  if (!existsSync(from)) continue;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}
