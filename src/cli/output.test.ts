import { describe, expect, test } from "vitest";
import {
  bytes,
  CollectLine,
  duration,
  FEWEST_TIMED,
  moment,
  ProgressLine,
  short,
  TimeLeft,
  table,
} from "./output.ts";

describe("numbers", () => {
  test.each([
    [0, "0"],
    [0.123456, "0.1235"],
    [-0.5, "-0.5"],
    [1234.5678, "1235"],
    [9999, "9999"],
    [10_000, "10.0k"],
    [-12_345, "-12.3k"],
    [999_499, "999k"],
    // Rounded, these have the next unit.
    [999_500, "1.00M"],
    [999_999, "1.00M"],
    [999_999_999, "1.00G"],
    [2.5e12, "2.50T"],
    [1e15, "1.00e+15"],
    [0.00099, "9.90e-4"],
    [1e-12, "1.00e-12"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("%d is %s", (value, text) => {
    expect(short(value)).toBe(text);
  });

  test("have four digits at most, a unit and a sign aside, whatever they are", () => {
    for (let power = -9; power < 15; power++)
      for (const digits of [1, 9.994, 9.995, 9.99999])
        for (const value of [digits * 10 ** power, -digits * 10 ** power])
          expect(short(value), String(value)).toMatch(
            /^-?(?:\d+(?:\.\d+)?[kMGT]?|\d\.\d\de-\d+|1\.00e\+15)$/,
          );
  });

  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [150 * 2 ** 20, "150 MiB"],
    [1023.4 * 1024, "1023 KiB"],
    [1023.7 * 1024, "1.0 MiB"],
    [2 ** 30 - 1, "1.0 GiB"],
    [2.5 * 2 ** 30, "2.5 GiB"],
    [5000 * 2 ** 40, "5000 TiB"],
  ])("%d bytes are %s", (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  test.each([
    [0, "0s"],
    [59.4, "59s"],
    [59.6, "1m 00s"],
    [200, "3m 20s"],
    [3599.7, "1h 00m"],
    [7500, "2h 05m"],
    [100 * 3600, "100h 00m"],
    [Number.NaN, "?"],
    [Number.POSITIVE_INFINITY, "?"],
  ])("%d seconds are %s", (value, text) => {
    expect(duration(value)).toBe(text);
  });

  test("a moment is shown to the minute; what is not one as it is", () => {
    const local = new Date(2026, 0, 2, 3, 4, 5).toISOString();
    expect(moment(local)).toBe("2026-01-02 03:04");
    expect(moment("yesterday")).toBe("yesterday");
    expect(moment(undefined)).toBe("");
  });
});

describe("a table", () => {
  test("has words to the left, and numbers to the right with their points in line", () => {
    expect(
      table(
        ["name", "FVU", "k"],
        [
          ["a", "0.25", "4"],
          ["longer", "12.5", "16"],
        ],
      ),
    ).toBe(
      [
        "name      FVU   k", //
        "──────  ─────  ──",
        "a        0.25   4",
        "longer  12.5   16",
      ].join("\n"),
    );
  });

  test("keeps a column of numbers to the right where some are missing or not numbers", () => {
    const lines = table(["x"], [["0.5"], [""], ["NaN"]]).split("\n");
    expect(lines.slice(2)).toEqual(["0.5", "", "NaN"]);
  });

  test("has no spaces at the ends of lines, and stands rows that are too short", () => {
    const text = table(["a", "b"], [["x"], ["y", "z"]]);
    expect(text).not.toMatch(/ $/m);
    expect(text.split("\n")).toHaveLength(4);
  });

  test("of no rows has its heads", () => {
    expect(table(["name", "status"], [])).toBe("name  status\n────  ──────");
  });
});

/** A stream that keeps what is written. */
function stream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const write = (text: string) => {
    written.push(text);
    return true;
  };
  return { written, stream: { isTTY, columns, write } as unknown as NodeJS.WriteStream };
}

describe("a line of progress", () => {
  test("is redrawn on a terminal ten times per second at most, and removed", () => {
    let now = 0;
    const { written, stream: to } = stream(true);
    const line = new ProgressLine(to, () => now);
    for (now = 0; now < 250; now += 10) line.update(() => `at ${now}`);
    expect(written).toEqual(["\r\u001b[Kat 0", "\r\u001b[Kat 100", "\r\u001b[Kat 200"]);
    line.clear();
    line.clear();
    expect(written.slice(3)).toEqual(["\r\u001b[K"]);
    // After that the next update is shown at once.
    line.update(() => "again");
    expect(written.at(-1)).toBe("\r\u001b[Kagain");
  });

  test("is printed every ten seconds where the output is piped, and never removed", () => {
    let now = 0;
    const { written, stream: to } = stream(false);
    const line = new ProgressLine(to, () => now);
    for (now = 0; now < 25_000; now += 1000) line.update(() => `at ${now}`);
    line.clear();
    expect(written).toEqual(["at 0\n", "at 10000\n", "at 20000\n"]);
  });

  test("fits the terminal, and cannot steer it", () => {
    const { written, stream: to } = stream(true, 20);
    new ProgressLine(to, () => 0).update(() => `\u001b[31m${"x".repeat(99)}`);
    expect(written[0]).toBe(`\r\u001b[K${`\\u001b[31m${"x".repeat(99)}`.slice(0, 19)}`);
    new ProgressLine(to, () => 0).update(() => `${"x".repeat(18)}😀`);
    expect(written[1]).toBe(`\r\u001b[K${"x".repeat(18)}`);
  });
});

test("a time left is said once enough updates were timed, from the pace since the first", () => {
  let now = 0;
  const left = new TimeLeft(() => now);
  const said: string[] = [];
  for (let done = 100; done <= 100 + FEWEST_TIMED; done++, now += 1000)
    said.push(left.update(done, 200));
  // A second each, and 90 to do.
  expect(said.slice(0, -1).every((text) => text === "")).toBe(true);
  expect(said.at(-1)).toBe("  ETA 1m 30s");
});

describe("the line of a source that is being opened", () => {
  test("says how much of a download is there", () => {
    const { written, stream: to } = stream(false);
    const line = new CollectLine(to, () => 0);
    line.download({ what: "gpt2", doneBytes: 2 ** 20, totalBytes: 2 ** 21 });
    expect(written).toEqual(["gpt2: 1.0 MiB of 2.0 MiB\n"]);
    line.clear();
    line.download({ what: "gpt2", doneBytes: 5, totalBytes: undefined });
    expect(written[1]).toBe("gpt2: 5 B\n");
  });

  test("says how far a collection is, how fast it goes and how long it takes", () => {
    let now = 0;
    const { written, stream: to } = stream(true);
    const line = new CollectLine(to, () => now);
    const progress = (done: number) =>
      line.progress({ what: "collecting", done, total: 100_000, unit: "tokens", resumed: 0 });
    for (let i = 0; i <= 20; i++, now += 1000) progress(1000 * i);
    expect(written[0]).toBe("\r\u001b[Kcollecting: 1000 of 100k  1000 tokens/s");
    expect(written.at(-1)).toBe("\r\u001b[Kcollecting: 20.0k of 100k  1000 tokens/s  ETA 1m 20s");
  });

  test("measures each part of the work by itself", () => {
    let now = 0;
    const { written, stream: to } = stream(true);
    const line = new CollectLine(to, () => now);
    for (const what of ["training", "collecting"])
      for (let i = 0; i <= 9; i++, now += 1000)
        line.progress({ what, done: 10 * i, total: 1000, unit: "pictures", resumed: 0 });
    expect(written.at(-1)).toBe("\r\u001b[Kcollecting: 90 of 1000  10 pictures/s");
  });

  test("is removed when what was counted is complete", () => {
    const { written, stream: to } = stream(true);
    const line = new CollectLine(to, () => 0);
    line.progress({ what: "reading", done: 1, total: 2, unit: "bytes" });
    line.progress({ what: "reading", done: 2, total: 2, unit: "bytes" });
    expect(written).toEqual(["\r\u001b[Kreading: 1 B of 2 B", "\r\u001b[K"]);
  });
});
