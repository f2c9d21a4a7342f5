import type { Detector } from "../detector.ts";

/**
 * The Node.js version as it is written: `engines.node`, `.nvmrc`, `.node-version`, `volta.node`,
 * `.tool-versions`.
 */
export const nodeVersion: Detector = {
  name: "node version",
  async detect({ files, manifest, read, rootManifest }) {
    const fromFile = async (name: string) => ((await read(name)) ?? (await files.read(name)))?.trim();
    const toolVersions = await fromFile(".tool-versions");
    const candidates = [
      manifest.engines?.["node"],
      rootManifest.engines?.["node"],
      await fromFile(".nvmrc"),
      await fromFile(".node-version"),
      manifest.volta?.["node"] ?? rootManifest.volta?.["node"],
      /^nodejs\s+(\S+)/m.exec(toolVersions ?? "")?.[1],
    ];
    const found = candidates.find((candidate) => candidate !== undefined && candidate !== "");
    return found === undefined ? {} : { nodeVersion: found };
  },
};
