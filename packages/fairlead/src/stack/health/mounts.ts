/** A router that is hung on another one, or on the server. */
export interface Mount {
  /** What it is hung on. */
  receiver: string;
  /** Empty when it adds nothing. */
  prefix: string;
  /** The router's name, or the file it is imported from. */
  name: string;
}

const maximumLength = 2000;

/**
 * Finds `app.use("/api", auth, router)`, `app.route("/api", router)` and `app.register(routes, { prefix:
 * "/api" })`.
 */
export function mountsIn(text: string): Mount[] {
  return [...text.matchAll(/([\w$]+)\s*\.\s*(?:use|route|register)\s*\(/g)].flatMap((match) => {
    const values = argumentsAt(text, match.index + match[0].length);
    const names = values.map(nameOf).filter((name) => name !== undefined);
    const name = names.at(-1);
    if (name === undefined) return [];
    const path = /^["'`](\/[\w\-./]*)["'`]$/.exec(values[0] ?? "")?.[1];
    const option = /\bprefix\s*:\s*["'`](\/[\w\-./]*)["'`]/.exec(values.at(-1) ?? "")?.[1];
    return [{ receiver: match[1] ?? "", prefix: path ?? option ?? "", name }];
  });
}

// `router`, `router.routes()`, `import("./routes.js")`, `require("./routes")`.
function nameOf(value: string): string | undefined {
  const file = /\b(?:import|require)\(\s*["'`]([^"'`]+)["'`]\s*\)/.exec(value)?.[1];
  return file ?? /^([A-Za-z_$][\w$]*)(?:\.(?:routes|default|router|middleware)(?:\(\))?)?$/.exec(value)?.[1];
}

/** The arguments of a call, from behind its opening parenthesis; quotes and brackets are kept together. */
function argumentsAt(text: string, start: number): string[] {
  const found = [""];
  let depth = 0;
  let quote = "";
  for (let index = start; index < Math.min(text.length, start + maximumLength); index++) {
    const character = text.charAt(index);
    if (quote !== "") {
      if (character === quote && text.charAt(index - 1) !== "\\") quote = "";
    } else if ("\"'`".includes(character)) quote = character;
    else if ("([{".includes(character)) depth += 1;
    else if (")]}".includes(character)) {
      if (depth === 0) break;
      depth -= 1;
    } else if (character === "," && depth === 0) {
      found.push("");
      continue;
    }
    found.push((found.pop() ?? "") + character);
  }
  return found.map((value) => value.trim());
}
