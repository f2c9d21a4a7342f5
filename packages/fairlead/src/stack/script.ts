/** One command of a package script. */
export interface ScriptCommand {
  /** `NAME=value` before the program. */
  variables: Record<string, string>;
  argv: string[];
  /** What stands between this command and the one before: `&&`, `||`, `;`, `|`, `&`; empty for the first. */
  after: string;
  /** True where the shell would put something else in: `$VAR`, backquotes, globs, redirections. */
  dynamic: boolean;
}

interface Token {
  text: string;
  operator: boolean;
  dynamic: boolean;
}

const operators = ["&&", "||", ";", "|", "&", "\n"];

/**
 * Splits a package script into its commands as a POSIX shell would, without running anything (words, quotes
 * and operators as in POSIX.1-2017, Shell Command Language, 2.2, 2.3 and 2.10; no groups, no substitution).
 */
export function parseScript(script: string): ScriptCommand[] {
  const commands: ScriptCommand[] = [];
  let current: ScriptCommand = { variables: {}, argv: [], after: "", dynamic: false };
  const finish = () => {
    if (current.argv.length > 0 || Object.keys(current.variables).length > 0) commands.push(current);
  };
  for (const token of tokenize(script)) {
    if (token.operator) {
      finish();
      current = { variables: {}, argv: [], after: token.text === "\n" ? ";" : token.text, dynamic: false };
      continue;
    }
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(token.text);
    if (current.argv.length === 0 && assignment?.[1] !== undefined) {
      current.variables[assignment[1]] = assignment[2] ?? "";
    } else {
      current.argv.push(token.text);
    }
    current.dynamic ||= token.dynamic;
  }
  finish();
  return commands;
}

function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let word: { text: string; dynamic: boolean } | undefined;
  const add = (text: string, dynamic = false) => {
    word = { text: (word?.text ?? "") + text, dynamic: (word?.dynamic ?? false) || dynamic };
  };
  const finish = () => {
    if (word !== undefined) tokens.push({ ...word, operator: false });
    word = undefined;
  };
  let index = 0;
  while (index < script.length) {
    const operator = operators.find((text) => script.startsWith(text, index));
    const character = script.charAt(index);
    if (operator !== undefined && !isRedirection(script, index)) {
      finish();
      tokens.push({ text: operator, operator: true, dynamic: false });
      index += operator.length;
    } else if (/\s/.test(character)) {
      finish();
      index += 1;
    } else if (character === "'" || character === '"') {
      const end = closingQuote(script, index);
      const inner = script.slice(index + 1, end);
      if (character === "'") add(inner);
      else add(inner.replaceAll(/\\(["\\$`])/g, "$1"), /(^|[^\\])[$`]/.test(inner));
      index = end + 1;
    } else if (character === "\\") {
      add(script.charAt(index + 1));
      index += 2;
    } else {
      add(character, "$`*?<>(){}".includes(character));
      index += 1;
    }
  }
  finish();
  return tokens;
}

// `2>&1` and `&>file` hold an ampersand that ends no command.
function isRedirection(script: string, index: number): boolean {
  return script[index] === "&" && (script[index - 1] === ">" || script[index + 1] === ">");
}

function closingQuote(script: string, start: number): number {
  const quote = script.charAt(start);
  let index = start + 1;
  while (index < script.length && script.charAt(index) !== quote) {
    index += quote === '"' && script.charAt(index) === "\\" ? 2 : 1;
  }
  return index;
}

/**
 * The flags of a command line: `--name value`, `--name=value`, `-n value`, bare ones as `true`; names without
 * dashes.
 */
export function flagsOf(argv: readonly string[]): Map<string, string | true> {
  const flags = new Map<string, string | true>();
  for (const [index, word] of argv.entries()) {
    const match = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (match?.[1] === undefined) continue;
    const next = argv[index + 1];
    const value = match[2] ?? (next !== undefined && !next.startsWith("-") ? next : true);
    flags.set(match[1], value);
  }
  return flags;
}
