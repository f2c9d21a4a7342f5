/** The fields of a `package.json` that say something about an application. */
export interface Manifest {
  name?: string;
  version?: string;
  main?: string;
  type?: string;
  bin?: string | Record<string, string>;
  packageManager?: string;
  workspaces?: string[] | { packages?: string[] };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  engines?: Record<string, string>;
  volta?: Record<string, string>;
  prisma?: { schema?: string; seed?: string };
}

/** Parses a `package.json`; `undefined` when it is none. */
export function parseManifest(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Names of all packages that a manifest depends on, for running or for developing. */
export function dependenciesOf(manifest: Manifest): Set<string> {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return new Set(
    [dependencies, devDependencies, optionalDependencies].flatMap((one) => Object.keys(one ?? {})),
  );
}
