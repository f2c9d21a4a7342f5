import { sign } from "./signature.ts";

export interface CookieOptions {
  maxAgeSeconds: number;
  secure: boolean;
}

/**
 * The name of a cookie of this environment. Browsers share cookies between the ports of a host, so staging
 * and production on one machine would log each other out if they used the same name.
 */
export function cookieName(name: string): string {
  const suffix = sign("cookie-name", name).slice(-8);
  return `${name}_${suffix}`;
}

/** A `Set-Cookie` line that scripts cannot read and other sites cannot send. */
export function cookieLine(name: string, value: string, options: CookieOptions): string {
  const parts = [`${name}=${value}`, "Path=/", "HttpOnly", "SameSite=Lax"];
  parts.push(`Max-Age=${String(options.maxAgeSeconds)}`);
  if (options.secure) parts.push("Secure");
  return parts.join("; ");
}

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string | null, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

/** Tells whether the visitor came by https, also when a proxy ended it. */
export function isSecure(request: Request): boolean {
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.replace(":", "")) === "https";
}
