/**
 * @file Words on the terminal: tables, numbers, and one line that is redrawn while something runs.
 */

import { cutTo, escapeControls } from "../formats/show-name.ts";
import type { SourceProgress } from "../sources/source-kind.ts";

/** From the largest down: thousands only from ten of them on. */
const UNITS = [
  [1e12, 1e12, "T"],
  [1e9, 1e9, "G"],
  [1e6, 1e6, "M"],
  [1e4, 1e3, "k"],
] as const;

/**
 * A number with the digits that a person reads: 4 significant; 3 and a unit from ten thousand on.
 */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  // 999 999 is 1.00M once it is rounded.
  const rounded = size >= 1e4 ? Number(size.toPrecision(3)) : size;
  if (size !== 0 && (size < 1e-3 || rounded >= 1e15)) return value.toExponential(2);
  const fitting = UNITS.find(([from]) => rounded >= from);
  if (fitting) return `${(value / fitting[1]).toPrecision(3)}${fitting[2]}`;
  return String(Number(value.toPrecision(4)));
}

/** Bytes in the unit that fits. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  // 1023.7 KiB is 1.0 MiB once it is rounded.
  while (Math.round(rest) >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest >= 100 || unit === 0 ? Math.round(rest) : rest.toFixed(1)} ${units[unit]}`;
}

/** Seconds as 45s, 3m 20s or 2h 05m. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const s = Math.round(seconds);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, "0")}s`;
  return `${Math.floor(s / 3600)}h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}m`;
}

/** A moment to the minute, in local time; empty when there is none. */
export function moment(iso: string | undefined): string {
  if (iso === undefined) return "";
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Plain decimals are padded with spaces so that their points align. */
function inLine(cells: readonly string[]): string[] {
  const isPlain = (cell: string) => /^[-−]?\d+(\.\d+)?$/.test(cell);
  const behind = (cell: string) => (cell.includes(".") ? cell.length - cell.indexOf(".") : 0);
  const most = Math.max(0, ...cells.filter(isPlain).map(behind));
  return cells.map((cell) => (isPlain(cell) ? cell + " ".repeat(most - behind(cell)) : cell));
}

/** Columns aligned, numbers to the right with their points in line. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = (cell: string) => /^[-−]?[\d.]/.test(cell) || cell === "" || cell === "NaN";
  const columns = header.map((name, c) => {
    const cells = rows.map((row) => row[c] ?? "");
    const numeric = cells.every(isNumeric);
    const shown = [name, ...(numeric ? inLine(cells) : cells)];
    const width = Math.max(...shown.map((cell) => cell.length));
    return shown.map((cell) => (numeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  const [names, ...lines] = [header, ...rows].map((_, r) =>
    columns
      .map((column) => column[r])
      .join("  ")
      .trimEnd(),
  );
  const rule = columns.map((column) => "─".repeat(column[0]!.length)).join("  ");
  return [names, rule, ...lines].join("\n");
}

/** A line that is redrawn on a terminal, and printed now and then where the output is piped. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #clock: () => number;
  #last = Number.NEGATIVE_INFINITY;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, clock: () => number) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** Shows the text, at most ten times per second on a terminal and every ten seconds otherwise. */
  update(text: () => string): void {
    const every = this.#stream.isTTY ? 100 : 10_000;
    if (this.#clock() - this.#last < every) return;
    this.#last = this.#clock();
    if (this.#stream.isTTY) {
      const width = this.#stream.columns ?? 100;
      this.#stream.write(`\r\u001b[K${cutTo(escapeControls(text()), width - 1)}`);
      this.#shown = true;
    } else this.#stream.write(`${escapeControls(text())}\n`);
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.#shown) this.#stream.write("\r\u001b[K");
    this.#shown = false;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

/**
 * Updates that must be timed before a time left is shown. Earlier it can be a hundred times too
 * long.
 */
export const FEWEST_TIMED = 10;

/** Says how long something will still take, from the pace since its first update. */
export class TimeLeft {
  readonly #clock: () => number;
  #start: { readonly at: number; readonly done: number } | undefined;
  #timed = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts an update. @returns `  ETA 45s`, or nothing before enough updates were timed. */
  update(done: number, total: number): string {
    if (this.#start === undefined) {
      this.#start = { at: this.#clock(), done };
      return "";
    }
    if (++this.#timed < FEWEST_TIMED) return "";
    const perUnit = (this.#clock() - this.#start.at) / (done - this.#start.done);
    return `  ETA ${duration(((total - done) * perUnit) / 1000)}`;
  }
}

/**
 * The line of a source that is being opened: downloads, rows read and counted, then activations
 * collected, with rate and time left.
 */
export class CollectLine {
  readonly #line: ProgressLine;
  readonly #clock: () => number;
  #start: { what: string; at: number; from: number } | undefined;
  #left: TimeLeft;

  constructor(stream: NodeJS.WriteStream, clock: () => number) {
    this.#line = new ProgressLine(stream, clock);
    this.#clock = clock;
    this.#left = new TimeLeft(clock);
  }

  readonly download = (done: {
    readonly what: string;
    readonly doneBytes: number;
    readonly totalBytes: number | undefined;
  }): void => {
    const of = done.totalBytes ? ` of ${bytes(done.totalBytes)}` : "";
    this.#line.update(() => `${done.what}: ${bytes(done.doneBytes)}${of}`);
  };

  readonly progress = (progress: SourceProgress): void => {
    const { what, done, total, unit, resumed } = progress;
    const amount = unit === "bytes" ? bytes : short;
    const of = total === undefined ? ` ${unit ?? ""}`.trimEnd() : ` of ${amount(total)}`;
    if (resumed === undefined) {
      if (done === total) this.#line.clear();
      else this.#line.update(() => `${what}: ${amount(done)}${of}`);
      return;
    }
    if (this.#start?.what !== what) this.clear();
    const left = total === undefined ? "" : this.#left.update(done, total);
    if (this.#start === undefined) {
      this.#start = { what, at: this.#clock(), from: done };
      return;
    }
    const { at, from } = this.#start;
    this.#line.update(() => {
      const rate = (done - from) / ((this.#clock() - at) / 1000);
      return `${what}: ${amount(done)}${of}  ${amount(rate)} ${unit ?? "rows"}/s${left}`;
    });
  };

  clear(): void {
    this.#line.clear();
    this.#start = undefined;
    this.#left = new TimeLeft(this.#clock);
  }
}
