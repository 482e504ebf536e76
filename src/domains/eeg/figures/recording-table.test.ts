import { expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../../../test/support/markup.ts";
import type { SourceProvenance } from "../../../sources/source-kind.ts";
import type { EegReport } from "../recordings/report.ts";
import { recordingTable } from "./recording-table.ts";

const used = (name: string, more: Partial<EegReport["used"][number]> = {}) => ({
  name,
  rate: 250,
  seconds: 12.5,
  windows: 20,
  paddedWindows: 0,
  rejected: { amplitude: 3, flat: 1, clipped: 0 },
  rejectedBy: { Fp1: 3, Cz: 1 },
  shortStretches: 0,
  skippedChannels: [],
  truncated: false,
  warnings: [],
  ...more,
});

const report: EegReport = {
  variant: "fixed",
  windows: 40,
  paddedWindows: 0,
  rejected: { amplitude: 6, flat: 2, clipped: 0 },
  notes: ["a note"],
  used: [used("/data/s1/a.edf"), used("/data/s2/b.edf", { truncated: true, warnings: ["x <y>"] })],
  skipped: [{ name: "/data/c.edf", reason: "0 scalp electrodes, fewer than 8" }],
};

function rowsOf(provenance: SourceProvenance): string[][] | undefined {
  const markup = recordingTable(provenance);
  if (markup === undefined) return undefined;
  const elements = allElements(parseMarkup(`<html><body>${markup.markup}</body></html>`));
  return elements
    .filter((e) => e.name === "tr")
    .map((row) =>
      allElements(row)
        .filter((e) => e.name === "td" || e.name === "th")
        .map(textOf),
    );
}

test("every recording has a line: what it was used for, or why it was not", () => {
  const rows = rowsOf({ kind: "eeg", heldOutRecordings: ["/data/s2/b.edf"], report })!;
  expect(rows.slice(1)).toEqual([
    ["s1/a.edf", "training", "250", "12.5", "20", "4", "artefacts most often at Fp1"],
    [
      "s2/b.edf",
      "held out",
      "250",
      "12.5",
      "20",
      "4",
      "cut short: used as far as it goes; artefacts most often at Fp1; x <y>",
    ],
    ["c.edf", "skipped", "–", "–", "–", "–", "0 scalp electrodes, fewer than 8"],
  ]);
});

test("a recording that is divided by time serves both sides; other sources have no such table", () => {
  const rows = rowsOf({ kind: "eeg", heldOutRecordings: [], report })!;
  expect(rows[1]![1]).toBe("both");
  expect(rowsOf({ kind: "synthetic" })).toBeUndefined();
  expect(rowsOf({})).toBeUndefined();
});
