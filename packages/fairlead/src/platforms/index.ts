export * from "./port.ts";
export { createLocalPlatform, type LocalPlatformOptions } from "./local/platform.ts";
