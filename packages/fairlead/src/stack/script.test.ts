import { describe, expect, it } from "vitest";

import { flagsOf, parseScript } from "./script.ts";

describe("parseScript", () => {
  it.each<[string, string[][]]>([
    ["node dist/server.js", [["node", "dist/server.js"]]],
    [
      "prisma migrate deploy && node x.js",
      [
        ["prisma", "migrate", "deploy"],
        ["node", "x.js"],
      ],
    ],
    [`node -e "console.log('a b')" 'c d'`, [["node", "-e", "console.log('a b')", "c d"]]],
    ["a; b || c | d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]],
    ["node x.js > log.txt 2>&1", [["node", "x.js", ">", "log.txt", "2>&1"]]],
    ["node my\\ file.js", [["node", "my file.js"]]],
    ["", []],
  ])("%s", (script, expected) => {
    expect(parseScript(script).map((command) => command.argv)).toEqual(expected);
  });

  it("takes assignments off the front and keeps later ones", () => {
    expect(parseScript("NODE_ENV=production PORT='30 00' cross-env A=b node x")[0]).toMatchObject({
      variables: { NODE_ENV: "production", PORT: "30 00" },
      argv: ["cross-env", "A=b", "node", "x"],
    });
  });

  it("tells what joins the commands and what only a shell can know", () => {
    const commands = parseScript("a && node x.js -p $PORT || b '$HOME' \"$HOME\"");
    expect(commands.map(({ after, dynamic }) => [after, dynamic])).toEqual([
      ["", false],
      ["&&", true],
      ["||", true],
    ]);
    expect(parseScript("b '$HOME'")[0]?.dynamic).toBe(false);
  });
});

describe("flagsOf", () => {
  it("reads both forms and bare flags", () => {
    const flags = flagsOf(["up", "-m", "db", "--table=t", "--verbose", "--no-check-order", "-x"]);
    expect(Object.fromEntries(flags)).toEqual({
      m: "db",
      table: "t",
      verbose: true,
      "no-check-order": true,
      x: true,
    });
  });
});
