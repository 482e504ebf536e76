/** @file Words on the terminal: tables, numbers, and one line that is redrawn while something runs. */

/** A number with the digits that a person reads: 4 significant, thousands and millions shortened. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toPrecision(3)}G`;
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** Bytes in the unit that fits. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
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

/** Columns aligned, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, c) => Math.max(...all.map((row) => (row[c] ?? "").length)));
  const numeric = header.map((_, c) =>
    rows.every((row) => /^[-−]?[\d.]/.test(row[c] ?? "") || row[c] === ""),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (numeric[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join("  ")
      .trimEnd();
  const rule = widths.map((w) => "─".repeat(w)).join("  ");
  return [line(header), rule, ...rows.map(line)].join("\n");
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

  /** Shows the text, at most ten times a second on a terminal and every ten seconds otherwise. */
  update(text: () => string): void {
    const every = this.#stream.isTTY ? 100 : 10_000;
    if (this.#clock() - this.#last < every) return;
    this.#last = this.#clock();
    if (this.#stream.isTTY) {
      const width = this.#stream.columns ?? 100;
      this.#stream.write(`\r\u001b[K${text().slice(0, width - 1)}`);
      this.#shown = true;
    } else this.#stream.write(`${text()}\n`);
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.#shown) this.#stream.write("\r\u001b[K");
    this.#shown = false;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

/** The line of a collection: download, tokenising, then rows with their rate and what is left. */
export class CollectLine {
  readonly #line: ProgressLine;
  readonly #clock: () => number;
  #start: { at: number; from: number } | undefined;

  constructor(stream: NodeJS.WriteStream, clock: () => number) {
    this.#line = new ProgressLine(stream, clock);
    this.#clock = clock;
  }

  readonly download = (done: {
    readonly what: string;
    readonly doneBytes: number;
    readonly totalBytes: number | undefined;
  }): void => {
    const of = done.totalBytes ? ` of ${bytes(done.totalBytes)}` : "";
    this.#line.update(() => `${done.what}: ${bytes(done.doneBytes)}${of}`);
  };

  readonly tokens = (tokens: number): void => {
    this.#line.update(() => `tokenising: ${short(tokens)} tokens`);
  };

  readonly recordings = (progress: {
    readonly what: string;
    readonly done: number;
    readonly total: number;
  }): void => {
    const { what, done, total } = progress;
    this.#line.update(() => `EEG recordings, ${what}: ${done} of ${total}`);
    if (done === total) this.#line.clear();
  };

  readonly rows = (done: {
    readonly rows: number;
    readonly totalRows: number;
    readonly resumedRows: number;
  }): void => {
    if (this.#start === undefined) {
      this.#line.clear();
      this.#start = { at: this.#clock(), from: done.rows };
      return;
    }
    const { at, from } = this.#start;
    this.#line.update(() => {
      const rate = (done.rows - from) / ((this.#clock() - at) / 1000);
      const left = duration((done.totalRows - done.rows) / rate);
      return `collecting activations: ${short(done.rows)} of ${short(done.totalRows)}  ${short(rate)} tokens/s  ETA ${left}`;
    });
  };

  clear(): void {
    this.#line.clear();
    this.#start = undefined;
  }
}
