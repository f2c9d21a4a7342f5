import type { LoadedConfig } from "../config/index.ts";
import { activeReleaseOf, type DeployReport, type PlanSource, sourcesOf, targetOf } from "../deploy/index.ts";
import { type Context, exitCodes, FairleadError, formatDuration } from "../kernel/index.ts";
import { withOpenTarget } from "./loading.ts";
import { concludeShipment, ship, type Shipment } from "./shipping.ts";

interface Leg {
  environment: string;
  address: string;
  shipment: Shipment;
}

/**
 * The whole way of a change on this machine: the work tree's release goes to the first environment, and the same build on to
 * those that take it from there (`from`), in order. A failing leg ends the journey; what is active stays active.
 */
export async function journey(context: Context, loaded: LoadedConfig): Promise<number> {
  const route = routeOf(loaded);
  const legs: Leg[] = [];
  for (const [index, environment] of route.entries()) {
    const target = targetOf(loaded, environment);
    const earlier = route[index - 1];
    const source: PlanSource =
      earlier === undefined
        ? await sourcesOf(context, target)
        : await activeReleaseOf(context, targetOf(loaded, earlier));
    await withOpenTarget(context, target, async (open) => {
      const shipment = await ship(context, open, source, { yes: true, options: {}, json: false });
      const ended = concludeShipment(quiet(context), open, shipment);
      if (ended !== exitCodes.ok) throw new FairleadError("journey-ended", `${environment} was not reached`);
      legs.push({
        environment,
        address: (await target.platform.observe(context, environment)).address,
        shipment,
      });
    });
  }
  for (const line of renderJourney(legs)) context.out.line(line);
  context.out.json(legs);
  return exitCodes.ok;
}

/** The environments of the journey: `staging` and those after it by `from`; without a staging, production alone. */
function routeOf(loaded: LoadedConfig): string[] {
  const environments = loaded.config.environments;
  const names = Object.keys(environments).filter((name) => name !== "development");
  const first = names.includes("staging")
    ? "staging"
    : names.find((name) => environments[name]?.from === undefined);
  if (first === undefined) {
    throw new FairleadError("no-environment", `${loaded.file} names no environment to deploy to`, {
      exit: "usage",
      hint: 'environments: { staging: {}, production: { from: "staging" } }',
    });
  }
  const route = [first];
  // The config's rules refuse cycles, so every environment is met once at the most.
  const followerOf = (last: string | undefined) =>
    names.find((candidate) => environments[candidate]?.from === last && !route.includes(candidate));
  for (let next = followerOf(first); next !== undefined; next = followerOf(next)) route.push(next);
  if (route.length === 1 && first !== "production" && names.includes("production")) route.push("production");
  return route;
}

function renderJourney(legs: readonly Leg[]): string[] {
  const lines = [""];
  for (const { environment, address, shipment } of legs) {
    lines.push(`${environment.padEnd(11)} ${address}  ${describe(shipment)}`);
    for (const step of shipment.report?.steps ?? []) {
      if (step.outcome === "done")
        lines.push(`  ${step.name.padEnd(9)} ${formatDuration(step.durationMs).padStart(8)}  ${step.note}`);
    }
  }
  const last = legs.at(-1)?.environment ?? "production";
  return [
    ...lines,
    "",
    "Next: change something in the application, then",
    `  npx fairlead plan ${legs[0]?.environment ?? last}      what a deploy would do`,
    `  npx fairlead deploy ${legs[0]?.environment ?? last}    bring it there without a dropped request`,
    `  npx fairlead rollback ${last}  go back at once`,
    "  npx fairlead status                what runs where",
  ];
}

function describe(shipment: Shipment): string {
  const { plan, report } = shipment;
  if (report === undefined) return `${plan.to.id ?? plan.to.version}, unchanged`;
  return `${report.release}, ${migrated(report)}, ${formatDuration(report.durationMs)}`;
}

function migrated(report: DeployReport): string {
  return report.migrations.length === 0 ? "nothing to migrate" : `migrated ${report.migrations.join(", ")}`;
}

// A leg's own closing words would stand between the step lists; the journey ends with a table of its own.
function quiet(context: Context): Context {
  return { ...context, out: { ...context.out, line: () => undefined, json: () => undefined } };
}
