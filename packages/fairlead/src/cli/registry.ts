import type { CommandSpec } from "./command.ts";
import { inspectCommands } from "./specs/inspect.ts";
import { maintainCommands } from "./specs/maintain.ts";
import { shipCommands } from "./specs/ship.ts";
import { startCommands } from "./specs/start.ts";
import { undoCommands } from "./specs/undo.ts";

/** Every command, in the order in which the help lists them; their code is loaded when they run. */
export const commandSpecs: readonly CommandSpec[] = [
  ...startCommands,
  ...shipCommands,
  ...undoCommands,
  ...inspectCommands,
  ...maintainCommands,
];
