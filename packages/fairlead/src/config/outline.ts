import { z } from "zod";

import { configSchema } from "./schema.ts";

/** The part of a JSON Schema that describes one place of the configuration. */
interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minItems?: number;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
}

export type Path = readonly (string | number)[];

const root = z.toJSONSchema(configSchema, { io: "input" }) as Node;

/** Keys that an object at this path may have; empty where any name or none is allowed. */
export function knownKeysAt(path: Path): string[] {
  return nodesAt(path).flatMap((node) => Object.keys(node.properties ?? {}));
}

/** What is expected at a path, in words: `a whole number from 1 to 65535`, `one of GET, HEAD, POST`. */
export function describeExpectedAt(path: Path): string {
  const descriptions = new Set(nodesAt(path).map(describe));
  return descriptions.size === 0 ? "nothing" : [...descriptions].join(" or ");
}

/** A path as one would write it: `smoke.checks[0].path`. */
export function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${String(part)}]` : `.${part}`)).join("");
  return text.replace(/^\./, "") || "the configuration";
}

function nodesAt(path: Path): Node[] {
  let nodes = alternatives(root);
  for (const part of path) {
    nodes = nodes.flatMap((node) => childOf(node, part)).flatMap(alternatives);
  }
  return nodes;
}

function childOf(node: Node, part: string | number): Node[] {
  if (typeof part === "number") return node.items === undefined ? [] : [node.items];
  const named = node.properties?.[part];
  if (named !== undefined) return [named];
  return typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
}

function alternatives(node: Node): Node[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(alternatives);
}

function describe(node: Node): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return describeChoice(node.enum);
  if (node.type === "array") {
    const items = node.items === undefined ? "items" : plural(describe(node.items));
    return `a list of ${(node.minItems ?? 0) > 0 ? "at least one of " : ""}${items}`;
  }
  if (node.type === "integer" || node.type === "number") return describeNumber(node);
  if (node.type === "boolean") return "true or false";
  if (node.type === "object") return "an object { … }";
  return `a ${node.type ?? "value"}`;
}

function describeChoice(choices: unknown[]): string {
  const texts = choices.map((choice) => JSON.stringify(choice));
  return texts.length === 1 ? (texts[0] ?? "") : `one of ${texts.join(", ")}`;
}

function describeNumber(node: Node): string {
  const noun = node.type === "integer" ? "a whole number" : "a number";
  const maximum = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  if (node.exclusiveMinimum !== undefined) return `${noun} above ${String(node.exclusiveMinimum)}`;
  if (node.minimum === undefined) return noun;
  if (maximum === undefined) return `${noun}, at least ${String(node.minimum)}`;
  return `${noun} from ${String(node.minimum)} to ${String(maximum)}`;
}

function plural(description: string): string {
  return description.replace(/^an? /, "").replace(/^string$/, "strings");
}
