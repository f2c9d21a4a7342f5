import { basename } from "node:path";

import ts from "typescript";

import { placeOf, type Source, walk } from "./sources.ts";

const maximumFileLines = 300;
const maximumFunctionLines = 60;
const isTestFile = (path: string) => /\.test\.tsx?$|\.spec\.tsx?$/.test(path);

/** Files that are too long. */
export function findLongFiles(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > maximumFileLines)
    .map(({ path, lines }) => `${path}: ${String(lines)} lines, at most ${String(maximumFileLines)}`);
}

/**
 * Functions that are too long. Functions inside are measured by themselves and count as one line in the one around them,
 * so that a function which returns an object of functions is measured like a class; tests are not measured.
 */
export function findLongFunctions(sources: readonly Source[]): string[] {
  const problems: string[] = [];
  for (const source of sources.filter(({ path }) => !isTestFile(path))) {
    walk(source.tree, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const lines = ownLines(source, node);
      if (lines <= maximumFunctionLines) return;
      problems.push(
        `${placeOf(source, node)}: ${String(lines)} lines, at most ${String(maximumFunctionLines)}`,
      );
    });
  }
  return problems;
}

function ownLines(source: Source, node: ts.Node): number {
  let lines = linesOf(source, node);
  const subtractInner = (inner: ts.Node) => {
    if (ts.isFunctionLike(inner)) lines -= linesOf(source, inner) - 1;
    else inner.forEachChild(subtractInner);
  };
  node.forEachChild(subtractInner);
  return lines;
}

function linesOf(source: Source, node: ts.Node): number {
  const line = (position: number) => source.tree.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(source.tree)) + 1;
}

const emptyWords = "util utils helper helpers common misc stuff manager service".split(" ");
// What the rest of the world calls so.
const properNames = new Set(["PackageManager"]);

/** Files, folders and declarations whose name says nothing about what is in them. */
export function findEmptyNames(sources: readonly Source[]): string[] {
  const problems: string[] = [];
  for (const source of sources) {
    for (const segment of source.path.split("/")) {
      const words = segment.toLowerCase().split(/[-._]/);
      const empty = words.find((word) => emptyWords.includes(word));
      if (empty !== undefined) problems.push(`${source.path}: a name with ${empty}`);
    }
    walk(source.tree, (node) => {
      const isDeclaration =
        ts.isFunctionDeclaration(node) ||
        ts.isClassDeclaration(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isTypeAliasDeclaration(node);
      const name = isDeclaration ? node.name?.text : undefined;
      if (name === undefined || properNames.has(name)) return;
      if (/(?:Manager|Service|Helpers?|Utils?)$/.test(name)) {
        problems.push(`${placeOf(source, node)}: ${name} says nothing about what it is`);
      }
    });
  }
  return problems;
}

/** Files that are not named in kebab-case. */
export function findOddFileNames(sources: readonly Source[]): string[] {
  // Next.js gives meaning to brackets, parentheses and underscores.
  const isNamedByFramework = (path: string) => path.startsWith("apps/chat/src/app/");
  return sources
    .map(({ path }) => path)
    .filter((path) => !isNamedByFramework(path) && !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(basename(path)));
}
