export { applicationPath, detectStack } from "./detect.ts";
export * from "./port.ts";
export { flagsOf, parseScript, type ScriptCommand } from "./script.ts";
