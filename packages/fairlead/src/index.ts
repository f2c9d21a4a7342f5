export type { Config } from "./config/index.ts";
