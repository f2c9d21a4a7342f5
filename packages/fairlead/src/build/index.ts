export { buildRelease, type BuildRequest, type BuildResult, releaseForSources } from "./build.ts";
export type { BuildConfig } from "./inputs.ts";
export { checkNodeVersion } from "./node-version.ts";
export {
  alteredFiles,
  listReleases,
  pruneReleases,
  readRelease,
  type Release,
  releasesDirectory,
  verifyRelease,
} from "./release.ts";
export { type Commits, commitsBetween, type SourceState, sourceState } from "./source-state.ts";
export { parseStart } from "./start-command.ts";
