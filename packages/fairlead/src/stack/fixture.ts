import { type Survey, surveyOf } from "./survey.ts";

/** A survey of files that are only in memory, for tests; the folder itself does not exist. */
export function surveyFiles(
  files: Record<string, string>,
  options: { application?: string; workspaces?: string[] } = {},
): Promise<Survey> {
  return surveyOf({
    root: "/nowhere/repository",
    application: options.application ?? "",
    workspaces: options.workspaces ?? [],
    files: { paths: Object.keys(files).sort(), read: (path) => Promise.resolve(files[path]) },
  });
}
