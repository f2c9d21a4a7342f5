export { buildRelease, type BuildRequest, type BuildResult, releaseForSources } from "./build.ts";
export { checkNodeVersion } from "./node-version.ts";
export { pruneReleases, readRelease, type Release, verifyRelease } from "./release.ts";
export { type Commits, commitsBetween, type SourceState, sourceState } from "./source-state.ts";
