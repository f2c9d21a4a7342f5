export * from "./client.ts";
export * from "./external.ts";
export * from "./local.ts";
export * from "./port.ts";
