import type { StartCommand } from "../port.ts";
import { parseScript } from "../script.ts";
import type { Survey } from "../survey.ts";

/**
 * How a program that is not Node.js is started: by the `web` line of a Procfile, else by the file its
 * language starts with.
 */
export async function foreignStart(survey: Survey): Promise<StartCommand | undefined> {
  const web = /^web\s*:\s*(\S.*)$/m.exec((await survey.read("Procfile")) ?? "")?.[1];
  if (web !== undefined) return commandOf(web.trim());
  if (survey.has("go.mod") && survey.has("main.go")) return { kind: "command", argv: ["./server"] };
  const python = ["main.py", "app.py", "server.py"].find(survey.has);
  return python === undefined ? undefined : { kind: "command", argv: ["python3", python] };
}

// A Procfile's line is made for a shell; where it needs none, none is put between us and the process.
function commandOf(text: string): StartCommand {
  const [command, ...others] = parseScript(text);
  const simple =
    others.length === 0 && command?.dynamic === false && Object.keys(command.variables).length === 0;
  return { kind: "command", argv: simple ? command.argv : ["sh", "-c", `exec ${text}`] };
}

/** How such a program is built, and what that writes. */
export function foreignBuild(survey: Survey): { build: string[]; buildOutputs: string[] } | undefined {
  if (!survey.has("go.mod")) return undefined;
  return { build: ["go", "build", "-o", "server", "."], buildOutputs: ["server"] };
}
