export { environmentOf } from "./environment.ts";
export { type Initialisation, initialise } from "./init.ts";
export { loadConfig, type LoadedConfig } from "./load.ts";
export * from "./schema.ts";
