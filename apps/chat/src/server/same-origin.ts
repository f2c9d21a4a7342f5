/**
 * Tells whether a request that changes something may have been made by another site's page.
 * Browsers say so in Sec-Fetch-Site; older ones at least name the origin. Programs send neither, and have no
 * cookies that another site could use.
 */
export function isForeign(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  if (!URL.canParse(origin)) return true;
  return !hostsOf(request).includes(new URL(origin).host);
}

function hostsOf(request: Request): (string | null)[] {
  return [request.headers.get("host"), request.headers.get("x-forwarded-host")];
}
