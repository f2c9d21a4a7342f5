/** A terminal of fixed size in memory that understands what the live printer sends. */
export interface Screen {
  readonly cursorVisible: boolean;
  write(text: string): void;
  /** Makes it narrower or wider; rows that no longer fit are broken, as terminals do. */
  resize(columns: number): void;
  /** Every row with content, from the first one ever written. */
  lines(): string[];
}

/** Makes an empty screen. Unknown control sequences are errors. */
export function createScreen(size: { columns: number }): Screen {
  let columns = size.columns;
  let cells: string[][] = [[]];
  let [row, column] = [0, 0];
  let cursorVisible = true;

  const print = (character: string) => {
    if (column === columns) newLine();
    (cells[row] ??= [])[column] = character;
    column++;
  };
  const newLine = () => {
    row++;
    column = 0;
    cells[row] ??= [];
  };
  const control = (sequence: string) => {
    const [, parameter = "", command] = /^\u001B\[([?\d;]*)([A-Za-z])$/.exec(sequence) ?? [];
    if (command === "A") row = Math.max(0, row - Number(parameter === "" ? 1 : parameter));
    else if (command === "J") cells = [...cells.slice(0, row), (cells[row] ?? []).slice(0, column)];
    else if (parameter === "?25") cursorVisible = command === "h";
    else if (command !== "m") throw new Error(`unknown control sequence ${JSON.stringify(sequence)}`);
  };

  return {
    get cursorVisible() {
      return cursorVisible;
    },
    write(text) {
      for (const token of text.match(/\u001B\[[?\d;]*[A-Za-z]|[^]/gu) ?? []) {
        if (token.length > 1 && token.startsWith("\u001B")) control(token);
        else if (token === "\n") newLine();
        else if (token === "\r") column = 0;
        else print(token);
      }
    },
    resize(width) {
      const broken = cells.map((line) => chunksOf(line, width));
      const before = broken.slice(0, row).reduce((sum, lines) => sum + lines.length, 0);
      row = before + Math.floor(Math.max(0, column - 1) / width);
      column = column === 0 ? 0 : ((column - 1) % width) + 1;
      cells = broken.flat();
      columns = width;
    },
    lines: () =>
      cells
        // A row may have holes.
        .map((line) => Array.from(line, (cell: string | undefined) => cell ?? " ").join(""))
        .map((line) => line.trimEnd())
        .filter(Boolean),
  };
}

function chunksOf(line: string[], width: number): string[][] {
  const chunks: string[][] = [];
  for (let start = 0; start === 0 || start < line.length; start += width) {
    chunks.push(line.slice(start, start + width));
  }
  return chunks;
}
