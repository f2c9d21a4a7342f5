export * from "./journal.ts";
export * from "./lease.ts";
export * from "./offline.ts";
export * from "./plans.ts";
export { type Identity, openState, type StateStore } from "./store.ts";
