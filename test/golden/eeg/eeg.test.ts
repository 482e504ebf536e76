/**
 * @file The faithful EEG pipeline against the MFR authors' steps in Python
 *   (`make_goldens.py`).
 */

import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { TEN_TWENTY } from "../../../src/domains/eeg/signal/electrodes.ts";
import { type PreparedEeg, prepareEeg } from "../../../src/domains/eeg/windows/prepare.ts";
import { expectAllclose } from "../../support/allclose.ts";

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8")) as T;

/**
 * Half precision has 11 bits, so a step is at most 2⁻¹⁰ of a number: results that differ in the
 * 12th digit can round apart.
 */
const HALF_STEP = { rtol: 2 ** -10, atol: 1e-6 };

/** Root mean square difference over root mean square. */
function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

describe("a recording with a flat channel, a slow channel and a remainder", async () => {
  const wanted = golden<{
    rate: number;
    channels: number;
    windows: number[][];
    fraction: number[][];
  }>("faithful.json");
  const path = join(import.meta.dirname, "faithful.edf");
  const { recordings, layout, report } = await prepareEeg({ paths: path, variant: "faithful" });
  const window = (w: number) => recordings[0]!.windows.subarray(w * 1000, (w + 1) * 1000);

  test("has the windows of the filter as sections, to half precision", () => {
    expect(layout.rate).toBe(wanted.rate);
    expect(layout.channels).toEqual(["Fp1", "Cz", "O1", "O2"]);
    expect(recordings[0]!.windows).toHaveLength(4 * 1000);
    for (const [w, row] of wanted.windows.entries()) {
      expectAllclose(window(w).subarray(0, 750), row.slice(0, 750), HALF_STEP, `window ${w}`);
    }
    expect(report.paddedWindows).toBe(1);
    expect(report.used[0]!.skippedChannels).toEqual([
      { label: "Resp", reason: "50 Hz, not 250 Hz" },
    ]);
  });

  test("has those of the filter as one fraction too, but for the fraction's rounding", () => {
    for (const [w, row] of wanted.fraction.entries()) {
      expect(relativeDifference(window(w).subarray(0, 750), row.slice(0, 750))).toBeLessThan(1e-3);
    }
  });

  test("has zeros where a channel is flat; the fraction's rounding noise becomes a signal of size 1 there", () => {
    const flat = (row: ArrayLike<number>) => Math.max(...Array.from(row).slice(750).map(Math.abs));
    for (const w of [0, 1, 2, 3]) expect(flat(window(w))).toBeLessThan(1e-2);
    expect(Math.max(...wanted.fraction.map(flat))).toBeGreaterThan(1);
  });
});

const RECORDINGS = resolve(import.meta.dirname, "../../../../shared/data/eeg");
if (!existsSync(RECORDINGS)) console.log(`real recordings skipped: no folder ${RECORDINGS}`);

interface Summary {
  readonly rate: number;
  readonly channels: number;
  readonly recordings: Record<
    string,
    {
      readonly shape: readonly [number, number];
      readonly first: readonly number[];
      readonly first_fraction: readonly number[];
      readonly row_norms: readonly number[];
      readonly mean_abs: readonly number[];
    }
  >;
}

function expectSame({ recordings, layout }: PreparedEeg, wanted: Summary): void {
  expect(layout.rate).toBe(wanted.rate);
  expect(layout.channels).toHaveLength(wanted.channels);
  expect(recordings.map((r) => basename(r.name))).toEqual(Object.keys(wanted.recordings));
  for (const { name, windows } of recordings) {
    const { shape, first, first_fraction, row_norms, mean_abs } =
      wanted.recordings[basename(name)]!;
    const [rows, dIn] = shape;
    expect(windows).toHaveLength(rows * dIn);
    expectAllclose(windows.subarray(0, first.length), first, HALF_STEP, name);
    // The fraction is worse the higher the rate: 4e-6 at 250 Hz, a per cent at 512 Hz, half
    // precision hides the former.
    const allowed = layout.rate > 400 ? 0.05 : 1e-3;
    expect(relativeDifference(windows, first_fraction)).toBeLessThan(allowed);
    for (let w = 0; w < rows; w++) {
      const row = windows.subarray(w * dIn, (w + 1) * dIn);
      const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
      const meanAbs = row.reduce((sum, v) => sum + Math.abs(v), 0) / dIn;
      const both = [row_norms[w]!, mean_abs[w]!];
      expectAllclose([norm, meanAbs], both, { rtol: 1e-4, atol: 1e-6 }, `${name}, window ${w}`);
    }
  }
}

describe.skipIf(!existsSync(RECORDINGS))("real recordings", () => {
  const { together, alone } = golden<{ together: Summary; alone: Record<string, Summary> }>(
    "real.json",
  );

  test("of them all, the same are kept, with the same windows", async () => {
    const prepared = await prepareEeg({ paths: RECORDINGS, variant: "faithful" });
    expectSame(prepared, together);
    expect(prepared.report.used.length + prepared.report.skipped.length).toBe(6);
  });

  test.each(Object.keys(alone))("%s by itself has the same windows", async (name) => {
    const paths = [join(RECORDINGS, name)];
    expectSame(await prepareEeg({ paths, variant: "faithful" }), alone[name]!);
  });

  test("mended: three recordings share the 19 electrodes of the 10–20 system at the lowest rate", async () => {
    const { recordings, layout, report } = await prepareEeg({
      paths: RECORDINGS,
      variant: "fixed",
      overlap: 0,
    });
    expect([...layout.channels].sort()).toEqual([...TEN_TWENTY].sort());
    expect(layout.rate).toBe(128);
    expect(recordings.map((r) => basename(r.name))).toEqual([
      "eeg_microstates_rest_30ch.edf",
      "mne_overlapping_annotations.edf",
      "nihonkohden_MB0400FU.edf",
    ]);
    expect(report.skipped.map((s) => [basename(s.name), s.reason])).toEqual([
      [
        "mne_test_reduced.edf",
        "0 scalp electrodes, fewer than 8 (left out: A1, A2, A3 and 136 more: a position of the cap's own numbering, not of the 10–10 system)",
      ],
      ["sleepedf_SC4001EC-Hypnogram.edf", "0 scalp electrodes, fewer than 8"],
      [
        "sleepedf_short_psg.edf",
        "0 scalp electrodes, fewer than 8 (left out: EEG Fpz-Cz, EEG Pz-Oz: a difference of two electrodes; EOG horizontal, Resp oro-nasal, EMG submental and 2 more: not a scalp electrode of the 10–10 system)",
      ],
    ]);
    // Seconds of the three recordings: every window is used or counted as an artefact.
    const { amplitude, flat } = report.rejected;
    expect(report.windows + amplitude + flat).toBe(192 + 124 + 29);
    expect(report.windows).toBeGreaterThan(192);
  });
});
