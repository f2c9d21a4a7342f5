export * from "./port.ts";
export { createLocalPlatform, type LocalPlatformOptions } from "./local/platform.ts";
export { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from "./memory.ts";
