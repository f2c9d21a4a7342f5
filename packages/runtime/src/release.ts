/** Which build this process runs; given by the environment, since one build is promoted everywhere. */
export interface ReleaseInformation {
  /** Identity of the immutable build. */
  release: string;
  version: string;
  /** Git commit, as given. */
  commit: string;
}

const UNRELEASED = "development";

/** Reads `FAIRLEAD_RELEASE`, `FAIRLEAD_VERSION`, `FAIRLEAD_COMMIT`; else `version` and `development`. */
export function releaseInformation(
  fallback: { version: string },
  source: Readonly<Record<string, string | undefined>> = process.env,
): ReleaseInformation {
  return {
    release: given(source["FAIRLEAD_RELEASE"]) ?? UNRELEASED,
    version: given(source["FAIRLEAD_VERSION"]) ?? fallback.version,
    commit: given(source["FAIRLEAD_COMMIT"]) ?? UNRELEASED,
  };
}

function given(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
