export type ReferenceKind = "page" | "script" | "stylesheet" | "other";

/** Something a page refers to. */
export interface Reference {
  url: URL;
  kind: ReferenceKind;
}

// A tag with its attributes; the bound on attributes keeps an unclosed quote from making the match slow.
const tagPattern = /<(a|area|base|img|link|script)(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*'){0,1000})>/gi;
const attributePattern = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const destructiveWords =
  "log-?out|log-?off|sign-?out|sign-?off|end-?session|delete|destroy|remove|unsubscribe|cancel|revoke|reset|purge|" +
  "drop|clear|erase|deactivate|disable|disconnect|archive|approve|confirm|accept|reject|pay|buy|purchase";
const destructivePattern = new RegExp(`(?:^|[^a-z])(?:${destructiveWords})(?:[^a-z]|$)`, "i");

/**
 * Finds what an HTML page links to and loads: `a`, `area`, `script`, `link`, `img`; forms are left alone.
 * A tolerant pattern rather than a parser: a smoke test wants the addresses that any browser would find, no tree,
 * and a page so broken that the two differ shows by its status or not at all.
 */
export function findReferences(html: string, pageUrl: URL): Reference[] {
  const text = html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/(<(script|style|template|textarea)\b[^>]*>)[\s\S]*?(<\/\2\s*>)/gi, "$1$3");
  const references: Reference[] = [];
  let base = pageUrl;
  for (const match of text.matchAll(tagPattern)) {
    const tag = (match[1] ?? "").toLowerCase();
    const attributes = readAttributes(match[2] ?? "");
    const target = attributes.get(tag === "script" || tag === "img" ? "src" : "href");
    if (target === undefined || target === "" || !URL.canParse(target, base.href)) continue;
    const url = new URL(target, base);
    if (tag === "base") {
      base = url;
      continue;
    }
    const kind = kindOf(tag, attributes);
    if (kind !== undefined && /^https?:$/.test(url.protocol)) references.push({ url, kind });
  }
  return references;
}

/** True when following a link may end or destroy something: `/logout`, `?action=delete`. */
export function looksDestructive(url: URL): boolean {
  let path = `${url.pathname}${url.search}`;
  try {
    path = decodeURIComponent(path);
  } catch {
    // Not valid percent-encoding: judged as it is written.
  }
  return destructivePattern.test(path.replaceAll(/([a-z])([A-Z])/g, "$1-$2"));
}

function kindOf(tag: string, attributes: ReadonlyMap<string, string>): ReferenceKind | undefined {
  if (tag === "a" || tag === "area") {
    return attributes.has("download") || attributes.has("data-method") ? undefined : "page";
  }
  if (tag === "script") return "script";
  if (tag === "img") return "other";
  const relations = (attributes.get("rel") ?? "").toLowerCase().split(/\s+/);
  if (relations.includes("modulepreload")) return "script";
  if (relations.includes("stylesheet")) return "stylesheet";
  if (relations.includes("preload")) {
    const as = (attributes.get("as") ?? "").toLowerCase();
    return as === "script" ? "script" : as === "style" ? "stylesheet" : "other";
  }
  return relations.some((relation) => /^(icon|apple-touch-icon|manifest)$/.test(relation))
    ? "other"
    : undefined;
}

function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const match of text.matchAll(attributePattern)) {
    const name = (match[1] ?? "").toLowerCase();
    if (!attributes.has(name)) attributes.set(name, decode(match[2] ?? match[3] ?? match[4] ?? "").trim());
  }
  return attributes;
}

const namedEntities: Record<string, string> = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" };

function decode(value: string): string {
  return value.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
    (whole, decimal, hexadecimal, name) => {
      if (typeof name === "string") return namedEntities[name.toLowerCase()] ?? whole;
      const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hexadecimal), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
