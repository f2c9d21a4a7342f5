import { stripVTControlCharacters } from "node:util";

import type { Sink } from "./printer-sink.ts";

const escape = "\u001B[";
const hideCursor = `${escape}?25l`;
const showCursor = `${escape}?25h`;

export interface RegionLine {
  /** One visible character, may be coloured. */
  mark: string;
  text: string;
}

/** The lines at the bottom of a terminal that are drawn again and again. */
export interface Region {
  /** Replaces the lines; each is cut to the width of the terminal, and all together to its height. */
  draw(lines: readonly RegionLine[]): void;
  clear(): void;
  /** Clears the region and leaves it empty until `resume`. */
  pause(): void;
  resume(): void;
  /** Clears the region and shows the cursor; it is shown, too, however else the process exits. */
  close(): void;
}

/** Makes the region; the cursor is hidden while it has lines. */
export function createRegion(sink: Sink): Region {
  let widths: number[] = [];
  let isHidden = false;
  let isPaused = false;

  const setHidden = (hidden: boolean) => {
    if (hidden === isHidden) return;
    isHidden = hidden;
    sink.err(hidden ? hideCursor : showCursor);
  };
  // A terminal that became narrower has broken the lines drawn before, so their rows are counted with today's width.
  const clear = () => {
    if (widths.length === 0) return;
    const { columns } = sink.size();
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    widths = [];
    sink.err(`\r${rows > 1 ? `${escape}${String(rows - 1)}A` : ""}${escape}J`);
  };
  const draw = (lines: readonly RegionLine[]) => {
    if (isPaused) return;
    clear();
    setHidden(lines.length > 0);
    if (lines.length === 0) return;
    const { columns, rows } = sink.size();
    const drawn = fitHeight(lines, Math.max(1, rows - 1)).map((line) => fitWidth(line, columns - 1, sink));
    widths = drawn.map((line) => stripVTControlCharacters(line).length);
    sink.err(drawn.join("\n"));
  };
  const onExit = () => {
    clear();
    setHidden(false);
  };
  process.once("exit", onExit);

  return {
    draw,
    clear,
    pause() {
      clear();
      setHidden(false);
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    close() {
      onExit();
      process.off("exit", onExit);
    },
  };
}

function fitHeight(lines: readonly RegionLine[], rows: number): RegionLine[] {
  if (lines.length <= rows) return [...lines];
  const hidden = lines.length - rows + 1;
  return [...lines.slice(0, rows - 1), { mark: "…", text: `and ${String(hidden)} more` }];
}

function fitWidth(line: RegionLine, columns: number, sink: Sink): string {
  const text = sink.clean(line.text);
  const room = Math.max(1, columns - 2);
  return `${line.mark} ${text.length <= room ? text : `${text.slice(0, room - 1)}…`}`;
}
