/** Which build this process runs; given by the environment, since one build is promoted everywhere. */
export interface ReleaseInformation {
  /** Identity of the immutable build. */
  release: string;
  version: string;
  /** Git commit, as given. */
  commit: string;
}

const UNRELEASED = "development";

/** Reads `FAIRLEAD_RELEASE`, `FAIRLEAD_VERSION` and `FAIRLEAD_COMMIT`; without them `version` and `development`. */
export function releaseInformation(
  fallback: { version: string },
  source: Readonly<Record<string, string | undefined>> = process.env,
): ReleaseInformation {
  return {
    release: source["FAIRLEAD_RELEASE"] || UNRELEASED,
    version: source["FAIRLEAD_VERSION"] || fallback.version,
    commit: source["FAIRLEAD_COMMIT"] || UNRELEASED,
  };
}
