export { environmentOf } from "./environment.ts";
export { configFileIn, findConfigFile } from "./find.ts";
export { type Initialisation, initialise } from "./init.ts";
export { checkConfig, loadConfig, type LoadedConfig } from "./load.ts";
export { renderConfig } from "./render.ts";
export * from "./schema.ts";
