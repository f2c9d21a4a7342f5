import type { Context } from "../kernel/index.ts";
import { findReferences, looksDestructive, type ReferenceKind } from "./links.ts";
import { type Answer, isPage, isSameOrigin, onOrigin, request } from "./request.ts";
import { resultOf, type SmokeResult } from "./result.ts";

export interface CrawlOptions {
  origin: URL;
  /** Pages visited at the most. */
  pages: number;
  /** Of one request. */
  timeoutMs: number;
  /** Of the whole crawl. */
  totalMs: number;
}

interface Visit {
  url: URL;
  kind: ReferenceKind;
  /** Links followed from `/` to here. */
  depth: number;
  /** Path of the page that refers to it. */
  from?: string;
}

/** What is still to be visited; `seen` holds everything that ever was in `queue`. */
interface Frontier {
  queue: Visit[];
  seen: Set<string>;
  /** Addresses per path, as a calendar has endlessly many queries. */
  variants: Map<string, number>;
  pages: number;
  assets: number;
}

const maximumDepth = 3;
const maximumAssets = 80;
const maximumVariants = 3;
/** Scripts, styles and pictures are fetched for so many pages; the others share most of them. */
const pagesWithAssets = 3;
const parallelRequests = 4;

/**
 * Visits `/` and the same-origin pages that can be reached from it, and what its first pages load.
 *
 * A problem is: no answer, a 5xx page, a script or stylesheet that is 404 or 5xx. A warning is any other 4xx besides
 * 401 and 403 (which only say that one must log in), and a picture that is missing. Bounded in pages, depth (3 links),
 * assets (80), bytes per answer and total time; the notes say where a bound cut the crawl short.
 */
export async function crawl(
  context: Context,
  options: CrawlOptions,
): Promise<{ checked: SmokeResult[]; notes: string[] }> {
  const start: Visit = { url: new URL("/", options.origin), kind: "page", depth: 0 };
  const frontier: Frontier = {
    queue: [start],
    seen: new Set([start.url.href]),
    variants: new Map(),
    pages: 1,
    assets: 0,
  };
  const checked: SmokeResult[] = [];
  const deadline = context.clock.now() + options.totalMs;
  let pagesRead = 0;
  while (frontier.queue.length > 0) {
    if (context.clock.now() >= deadline) {
      return { checked, notes: [`${String(frontier.queue.length)} more not visited, the time was up`] };
    }
    const batch = frontier.queue.splice(0, parallelRequests);
    const answers = await Promise.all(
      batch.map(({ url }) =>
        request(context, { url, method: "GET", timeoutMs: options.timeoutMs, follow: true, read: "pages" }),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      const visit = batch[index];
      if (visit === undefined) continue;
      checked.push(resultOf(pathOf(visit.url), answer, judge(visit, answer)));
      if (visit.kind !== "page" || answer.failure !== undefined || !isPage(answer.contentType)) continue;
      pagesRead += 1;
      follow(frontier, options, visit, answer, pagesRead <= pagesWithAssets);
    }
  }
  return { checked, notes: [] };
}

function follow(
  frontier: Frontier,
  options: CrawlOptions,
  visit: Visit,
  answer: Answer,
  withAssets: boolean,
): void {
  for (const reference of findReferences(answer.text, answer.url)) {
    if (!isSameOrigin(reference.url, options.origin)) continue;
    const url = onOrigin(reference.url, options.origin);
    if (frontier.seen.has(url.href)) continue;
    const next: Visit = { url, kind: reference.kind, depth: visit.depth + 1, from: pathOf(visit.url) };
    if (
      reference.kind === "page" ? !takePage(frontier, options, next) : !withAssets || !takeAsset(frontier)
    ) {
      continue;
    }
    frontier.seen.add(url.href);
    frontier.queue.push(next);
  }
}

function takePage(frontier: Frontier, options: CrawlOptions, visit: Visit): boolean {
  if (visit.depth > maximumDepth || frontier.pages >= options.pages || looksDestructive(visit.url))
    return false;
  const variants = frontier.variants.get(visit.url.pathname) ?? 0;
  if (variants >= maximumVariants) return false;
  frontier.variants.set(visit.url.pathname, variants + 1);
  frontier.pages += 1;
  return true;
}

function takeAsset(frontier: Frontier): boolean {
  if (frontier.assets >= maximumAssets) return false;
  frontier.assets += 1;
  return true;
}

function judge(visit: Visit, answer: Answer): { problem?: string; warning?: string } {
  const from =
    visit.from === undefined ? "" : `, ${visit.kind === "page" ? "linked" : "loaded"} by ${visit.from}`;
  if (answer.failure !== undefined) return { problem: `${answer.failure}${from}` };
  const status = answer.status ?? 0;
  const finding = `status ${String(status)}${from}`;
  const code = visit.kind === "script" || visit.kind === "stylesheet";
  if (code && (status === 404 || status === 410)) return { problem: finding };
  if (status >= 500) return visit.kind === "other" ? { warning: finding } : { problem: finding };
  if (status >= 400 && status !== 401 && status !== 403) return { warning: finding };
  return answer.remark === undefined ? {} : { warning: `${answer.remark}${from}` };
}

function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`;
}
