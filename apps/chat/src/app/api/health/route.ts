import { healthResponse } from "@fairlead/runtime";

import { currentRelease } from "../../../server/release.ts";

export const dynamic = "force-dynamic";

/** Liveness: this process answers, and which release it is. */
export function GET(): Response {
  return healthResponse(currentRelease());
}
