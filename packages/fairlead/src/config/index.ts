export { environmentOf } from "./environment.ts";
export { configFileIn, findConfigFile } from "./find.ts";
export { checkConfig, type LoadedConfig, loadConfig } from "./load.ts";
export * from "./schema.ts";
