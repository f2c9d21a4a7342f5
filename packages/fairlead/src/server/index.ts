export * from "./supervision.ts";
