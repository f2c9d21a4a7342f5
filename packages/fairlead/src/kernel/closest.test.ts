import { describe, expect, it } from "vitest";

import { closest, didYouMean } from "./closest.ts";

describe("closest", () => {
  it.each([
    ["prodution", ["production", "staging"], "production"],
    ["stagign", ["production", "staging"], "staging"],
    ["Production", ["production"], "production"],
    ["pot", ["path", "port"], "port"],
    ["qa", ["production", "staging"], undefined],
    ["", ["production"], undefined],
    ["x", [], undefined],
  ])("%s among %j is %s", (word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected);
  });

  it("phrases a question only where something is near", () => {
    expect(didYouMean("stagin", ["staging"])).toBe("; did you mean staging?");
    expect(didYouMean("zzz", ["staging"])).toBe("");
  });
});
