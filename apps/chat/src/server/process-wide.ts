/**
 * Gives the one value of that name in this process, made on first use.
 * Next.js bundles pages, route handlers and the proxy apart, so one process loads a module several times.
 */
export function processWide<Value>(name: string, create: () => Value): Value {
  const registry = globalThis as unknown as Record<symbol, Value | undefined>;
  const key = Symbol.for(`quayside.${name}`);
  return (registry[key] ??= create());
}
