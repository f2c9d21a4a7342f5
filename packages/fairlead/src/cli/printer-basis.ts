import type { Readable } from "node:stream";

import type { Output } from "../kernel/index.ts";
import type { LineStyle } from "./printer-lines.ts";
import type { Sink } from "./printer-sink.ts";

/** The output of a real process. */
export interface Printer extends Output {
  /** Ends the step list, gives the cursor back. */
  close(): void;
}

/** What every printer is made of. */
export interface PrinterBasis {
  sink: Sink;
  stdin: Readable;
  interactive: boolean;
  style: LineStyle;
  verbose: boolean;
}
