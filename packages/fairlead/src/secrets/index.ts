export * from "./variables.ts";
