import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import ts from "typescript";

/** A source file: its path from the repository's root, its text and its syntax tree. */
export interface Source {
  path: string;
  text: string;
  tree: ts.SourceFile;
}

const root = join(import.meta.dirname, "../..");
const places = ["packages", "apps", "test", "bench", "scripts", "vitest.config.ts", "eslint.config.js"];
// test/apps are applications as others write them: input, not ours to tidy.
const foreign = /(^|\/)(node_modules|dist|\.next|\.fairlead|coverage|test-results)(\/|$)|^test\/apps\//;

/** Parses one text as if it stood in a file of that path. */
export function parseSource(path: string, text: string): Source {
  const kind = path.endsWith("x")
    ? ts.ScriptKind.TSX
    : path.endsWith("js")
      ? ts.ScriptKind.JS
      : ts.ScriptKind.TS;
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind) };
}

/** Every source file of the repository that is our own. */
export function readSources(): Source[] {
  return places
    .flatMap((place) => filesBelow(join(root, place)))
    .filter((path) => /\.(ts|tsx|js|mjs|cjs)$/.test(path))
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/** The text of a file of the repository. */
export function readRepositoryFile(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Paths of every package.json of the repository that is our own. */
export function manifestPaths(): string[] {
  const isManifest = (path: string) => path.endsWith("/package.json");
  return [
    "package.json",
    ...["packages", "apps"].flatMap((place) => filesBelow(join(root, place))).filter(isManifest),
  ];
}

function filesBelow(path: string): string[] {
  const fromRoot = relative(root, path);
  if (foreign.test(fromRoot)) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return [fromRoot];
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(child);
    return foreign.test(relative(root, child)) ? [] : [relative(root, child)];
  });
}

/** Calls back for every node of a tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => {
    walk(child, visit);
  });
}

/** `path:line` of a node. */
export function placeOf(source: Source, node: ts.Node): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
  return `${source.path}:${String(line + 1)}`;
}

/** What a file imports or re-exports, statically or not; types included. */
export function importsOf(source: Source): { specifier: string; place: string }[] {
  const imports: { specifier: string; place: string }[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ specifier, place: placeOf(source, node) });
  });
  return imports;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literal(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  return undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}
