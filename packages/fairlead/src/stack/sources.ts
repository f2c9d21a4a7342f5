import { type Survey, workspaceDependencies } from "./survey.ts";

const sourceFile = /\.([cm]?[jt]sx?|vue|svelte|astro|prisma|py|go)$/;
const notSource = [
  /(^|\/)(__tests__|__mocks__|tests?|e2e|spec|fixtures|stories|expected|docs)\//,
  /\.(test|spec|stories|d)\.[cm]?[jt]sx?$/,
  /(^|\/)fairlead\.config\./,
];
const maximumFiles = 3000;
const maximumCharacters = 500_000;

/** A source file of the application, read. */
export interface Source {
  /** From the application's folder; begins with `..` for a package of the workspace that it uses. */
  path: string;
  text: string;
}

/**
 * Reads the sources of an application, without tests; with those of the workspace's packages that it uses, if
 * wanted.
 */
export async function readSources(survey: Survey, options: { withPackages: boolean }): Promise<Source[]> {
  const { application, files } = survey;
  const own = application === "" ? "" : `${application}/`;
  const inOtherMember = (path: string) =>
    survey.members.some((member) => member.path !== application && path.startsWith(`${member.path}/`));
  const packages = options.withPackages
    ? workspaceDependencies(survey).map((member) => `${member.path}/`)
    : [];
  const wanted = files.paths.filter((path) => {
    if (!sourceFile.test(path) || notSource.some((pattern) => pattern.test(path))) return false;
    if (path.startsWith(own) && !inOtherMember(path)) return true;
    return packages.some((folder) => path.startsWith(folder));
  });
  const up = application.replaceAll(/[^/]+/g, "..");
  const sources: Source[] = [];
  for (const path of wanted.slice(0, maximumFiles)) {
    const text = await files.read(path);
    if (text === undefined || text.length > maximumCharacters) continue;
    const relative = path.startsWith(own) ? path.slice(own.length) : `${up}/${path}`;
    sources.push({ path: relative, text });
  }
  return sources;
}
