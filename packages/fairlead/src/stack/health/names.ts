/** Last parts of paths that tell whether an application is well, the best first. */
const names = [
  ...["health", "healthz", "healthcheck", "health-check", "_health", "live", "livez", "liveness", "alive"],
  ...["ready", "readyz", "readiness", "up", "ping", "status", "heartbeat"],
];

/** A route that may tell whether the application is well. */
export interface HealthRoute {
  path: string;
  /** False when it hangs on a router of which the place is not known. */
  certain: boolean;
  /** File it was found in, from the application's folder. */
  file: string;
}

/** True when a path's name says that it tells about health. */
export function isHealthPath(path: string): boolean {
  return names.includes(lastPart(path)) && !/[[\]:*{]/.test(path);
}

/** Sorts routes: certain ones first, then by name, then the shorter one. */
export function compareRoutes(left: HealthRoute, right: HealthRoute): number {
  return (
    Number(right.certain) - Number(left.certain) ||
    names.indexOf(lastPart(left.path)) - names.indexOf(lastPart(right.path)) ||
    left.path.length - right.path.length ||
    left.path.localeCompare(right.path)
  );
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, "").replace(/^.*\//, "").toLowerCase();
}
