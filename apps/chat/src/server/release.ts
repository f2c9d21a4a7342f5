import { releaseInformation, type ReleaseInformation } from "@fairlead/runtime";

import manifest from "../../package.json" with { type: "json" };

/** The release that this process runs. */
export function currentRelease(): ReleaseInformation {
  return releaseInformation({ version: manifest.version });
}
