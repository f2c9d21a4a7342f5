import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { LaunchOptions } from "@playwright/test";

const NSS_PLACES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];

/**
 * The browser from npm, so that nothing has to be installed or downloaded; `CHROMIUM_PATH` names another one.
 * A bare container lacks NSS: the package brings its own when it believes to be on AWS Lambda.
 */
export async function launchOptions(): Promise<LaunchOptions> {
  const args = ["--no-sandbox", "--headless=new"];
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined) return { executablePath: named, args };
  const bare = !NSS_PLACES.some((place) => existsSync(join(place, "libnss3.so")));
  if (bare) process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  const executablePath = await chromium.executablePath();
  const env = bare ? { ...process.env, LD_LIBRARY_PATH: join(tmpdir(), "al2023/lib") } : undefined;
  return { executablePath, args, ...(env === undefined ? {} : { env }) };
}
