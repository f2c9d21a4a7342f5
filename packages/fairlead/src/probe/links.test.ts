import { describe, expect, it } from "vitest";

import { findReferences, looksDestructive } from "./links.ts";

const pageUrl = new URL("http://127.0.0.1:4000/docs/start");

function found(html: string): string[] {
  return findReferences(html, pageUrl).map(({ url, kind }) => `${kind} ${url.pathname}${url.search}`);
}

describe("findReferences", () => {
  it.each([
    ["quotes of every kind", `<a href="/a">x</a><A HREF='/b'>x</A><a class=x href=/c>`, ["/a", "/b", "/c"]],
    ["relative addresses", `<a href="next">x</a><a href="../up?x=1#part">`, ["/docs/next", "/up?x=1"]],
    ["entities", `<a href="/a?x=1&amp;y=2&#38;z=&#x33;">`, ["/a?x=1&y=2&z=3"]],
    ["a > within an attribute", `<a title="a > b" href="/a">`, ["/a"]],
    ["several lines", `<a\n  class="x"\n  href="/a"\n>`, ["/a"]],
    ["no comments, no script text", `<!-- <a href="/a"> --><script>"<a href='/b'>"</script>`, []],
    ["no other schemes", `<a href="mailto:x@y.z">x</a><a href="javascript:go()">x</a><a>x</a>`, []],
    [
      "no downloads and no faked methods",
      `<a href="/big" download>x</a><a href="/x" data-method="delete">`,
      [],
    ],
    ["an unclosed quote ends nothing else", `<a href="/a">x</a><a href="/b>x</a>`, ["/a"]],
    ["a base", `<base href="/app/"><a href="x">`, ["/app/x"]],
  ])("%s", (_name, html, paths) => {
    expect(found(html)).toEqual(paths.map((path) => `page ${path}`));
  });

  it("tells code from other assets", () => {
    const html = `<script src="/a.js" async></script><script>inline</script><link rel="stylesheet" href="/a.css">
      <link rel=preload as=script href=/b.js><link rel="preload" as="font" href="/f.woff2">
      <link rel="modulepreload" href="/c.js"><link rel="icon" href="/i.ico"><link rel="canonical" href="/x">
      <link rel="dns-prefetch" href="//elsewhere"><img src="/p.png">`;
    expect(found(html)).toEqual([
      "script /a.js",
      "stylesheet /a.css",
      "script /b.js",
      "other /f.woff2",
      "script /c.js",
      "other /i.ico",
      "other /p.png",
    ]);
  });

  it("stays quick on a page of open tags", () => {
    expect(found(`<a href="`.repeat(50_000))).toEqual([]);
  });
});

describe("looksDestructive", () => {
  it.each([
    ["/logout", true],
    ["/log-out", true],
    ["/api/auth/signOut", true],
    ["/items/3/delete", true],
    ["/items?action=remove", true],
    ["/items/%64elete", true],
    ["/items", false],
    ["/blog/undeleted-things", false],
    ["/payments", false],
    ["/%", false],
  ])("%s: %s", (path, expected) => {
    expect(looksDestructive(new URL(path, pageUrl))).toBe(expected);
  });
});
