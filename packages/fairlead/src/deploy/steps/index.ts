import type { StepDefinition } from "../step.ts";
import { approve } from "./approve.ts";
import { build } from "./build.ts";
import { mark } from "./mark.ts";
import { migrate } from "./migrate.ts";
import { rehearse } from "./rehearse.ts";
import { settle } from "./settle.ts";
import { smoke } from "./smoke.ts";
import { start } from "./start.ts";
import { switchTraffic } from "./switch.ts";
import { watch } from "./watch.ts";

/** Steps that look and prepare; they need no lease, as they change nothing of the environment. */
export const preparingSteps: readonly StepDefinition[] = [build, rehearse, approve];

/** Steps that change the environment, under its lease. */
export const changingSteps: readonly StepDefinition[] = [
  mark,
  migrate,
  start,
  smoke,
  switchTraffic,
  watch,
  settle,
];
