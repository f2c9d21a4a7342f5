export * from "./counts.ts";
export * from "./judge.ts";
export * from "./smoke.ts";
export * from "./watch.ts";
