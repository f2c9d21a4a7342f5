/** The parts of a package.json that are read here. */
export interface Manifest {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Runtime dependencies that the document does not name (in backquotes) with a reason. */
export function findUnexplained(manifests: readonly Manifest[], document: string): string[] {
  const own = new Set(manifests.map((manifest) => manifest.name));
  const lines = document.split("\n");
  return manifests.flatMap((manifest) =>
    Object.keys(manifest.dependencies ?? {})
      .filter((name) => !own.has(name))
      .filter((name) => !lines.some((line) => line.includes(`\`${name}\``) && line.length > name.length + 20))
      .map(
        (name) =>
          `${manifest.name ?? "?"} depends on ${name}, which docs/decisions/dependencies.md does not explain`,
      ),
  );
}

/** Dependencies without an exact version; the toolchain's own `~` and `^` are in devDependencies of the root only. */
export function findLooseVersions(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) =>
    Object.entries(manifest.dependencies ?? {})
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${manifest.name ?? "?"} depends on ${name} ${version}, which is not exact`),
  );
}

/** Entries of a lockfile that name a registry, so that it would hold on one machine only. */
export function findRegistryAddresses(lockfile: string): string[] {
  const { packages } = JSON.parse(lockfile) as { packages: Record<string, { resolved?: string }> };
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved?.startsWith("http") === true)
    .map(([path, entry]) => `${path}: ${entry.resolved ?? ""}`);
}
