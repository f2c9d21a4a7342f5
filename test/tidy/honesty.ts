import ts from "typescript";

import { placeOf, type Source, walk } from "./sources.ts";

const testFunctions = new Set(["it", "test", "describe", "suite"]);
const weakening = new Set(["skip", "only", "todo", "fails", "skipIf", "runIf", "fixme", "fail"]);

/** Tests that are skipped, focused, promised or allowed to fail. */
export function findWeakTests(sources: readonly Source[]): string[] {
  const problems: string[] = [];
  for (const source of sources) {
    walk(source.tree, (node) => {
      if (ts.isIdentifier(node) && /^[fx](?:it|test|describe)$/.test(node.text)) {
        problems.push(`${placeOf(source, node)}: ${node.text}`);
      }
      if (!ts.isPropertyAccessExpression(node) || !weakening.has(node.name.text)) return;
      if (dependsOnMachine(node)) return;
      const called = rootOf(node);
      if (called !== undefined && testFunctions.has(called)) {
        problems.push(`${placeOf(source, node)}: ${called}.${node.name.text}`);
      }
    });
  }
  return problems;
}

// What only root can do, or one operating system: it cannot be tested elsewhere.
function dependsOnMachine(node: ts.PropertyAccessExpression): boolean {
  if (node.name.text !== "runIf" || !ts.isCallExpression(node.parent)) return false;
  return /^(?:isRoot\(\)|process\.platform [!=]== "\w+")$/.test(node.parent.arguments[0]?.getText() ?? "");
}

// it.concurrent.only → it; it.each([…]).skip → it
function rootOf(node: ts.Expression): string | undefined {
  let current: ts.Expression = node;
  while (ts.isPropertyAccessExpression(current) || ts.isCallExpression(current)) current = current.expression;
  return ts.isIdentifier(current) ? current.text : undefined;
}

/** Promises left in the text. */
export function findPromises(sources: readonly Source[]): string[] {
  // Written apart, so that this file does not hold what it looks for.
  const promise = new RegExp(`\\b(?:${["TO", "DO"].join("")}|${["FIX", "ME"].join("")})\\b`);
  return sources.flatMap(({ path, text }) =>
    text
      .split("\n")
      .map((line, index) => (promise.test(line) ? `${path}:${String(index + 1)}: ${line.trim()}` : undefined))
      .filter((problem) => problem !== undefined),
  );
}

/** Uses of `console` in what we publish; the printer is the one place that writes to the terminal. */
export function findConsoles(sources: readonly Source[]): string[] {
  const problems: string[] = [];
  for (const source of sources.filter(({ path }) => /^packages\/[^/]+\/(?:src|bin)\//.test(path))) {
    if (/^packages\/fairlead\/src\/cli\/printer|\/fixtures\//.test(source.path)) continue;
    walk(source.tree, (node) => {
      if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return;
      if (node.expression.text === "console")
        problems.push(`${placeOf(source, node)}: ${node.getText(source.tree)}`);
    });
  }
  return problems;
}
