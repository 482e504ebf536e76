/**
 * @file Every recording of real.json and synthetic.json, read by one loop: what the reader finds is
 *   what pyedflib, MNE or the script that made the file found (`make_goldens.py`).
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { edfInfo } from "../../../src/domains/eeg/edf/info.ts";
import { openEdf } from "../../../src/domains/eeg/edf/open-edf.ts";
import { expectAllclose } from "../../support/allclose.ts";

interface GoldenChannel {
  readonly label: string;
  readonly unit: string;
  readonly rate: number;
  readonly samples: number;
  readonly physical_minimum: number;
  readonly physical_maximum: number;
  readonly digital_minimum: number;
  readonly digital_maximum: number;
  readonly digital_sum: number;
  readonly digital_sha256: string;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly first?: readonly number[];
}

interface Golden {
  readonly start: string;
  readonly records: number;
  readonly record_duration: number;
  readonly channels: readonly GoldenChannel[];
  /** Onset and duration in seconds (null or MNE's 0 where there is none), text. */
  readonly annotations: readonly (readonly [number, number | null, string])[];
  readonly gaps?: readonly (readonly [number, number])[];
  readonly confirmed_by?: readonly string[];
}

const golden = (name: string): Record<string, Golden> =>
  JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8"));

const RECORDINGS = resolve(import.meta.dirname, "../../../../shared/data/eeg");

const groups = [
  { group: "real recordings", file: "real.json", folder: RECORDINGS },
  { group: "synthetic recordings", file: "synthetic.json", folder: import.meta.dirname },
];

for (const { group, file, folder } of groups) {
  const goldens = Object.entries(golden(file));
  const isThere = existsSync(folder);
  if (!isThere) console.log(`${group} skipped: there is no folder ${folder}`);

  describe.skipIf(!isThere).each(goldens)(`${group}: %s`, (name, expected) => {
    const path = join(folder, name);

    test("channels, calibration and the range of the decoded samples agree", async () => {
      const info = await edfInfo(path);
      expect(info.records.count).toBe(expected.records);
      expect(info.records.duration).toBe(expected.record_duration);
      expect(info.startTime?.padEnd(expected.start.length, "0")).toBe(expected.start);
      expect(info.channels.map((c) => c.label)).toEqual(expected.channels.map((c) => c.label));
      for (const [i, wanted] of expected.channels.entries()) {
        const found = info.channels[i]!;
        expect(found).toMatchObject({
          unit: wanted.unit,
          rate: wanted.rate,
          samples: wanted.samples,
          digitalMinimum: wanted.digital_minimum,
          digitalMaximum: wanted.digital_maximum,
        });
        const range = Math.abs(wanted.physical_maximum - wanted.physical_minimum);
        // edflib's own decimal parser is one unit in the last place off for some numbers.
        expectAllclose(
          [found.physicalMinimum, found.physicalMaximum],
          [wanted.physical_minimum, wanted.physical_maximum],
          { rtol: 3e-16 },
          `${name}, ${wanted.label}: calibration`,
        );
        const { min = null, max = null, mean = null } = wanted;
        if (mean === null) expect([found.min, found.max, found.mean]).toEqual([min, max, mean]);
        else
          expectAllclose(
            [found.min!, found.max!, found.mean!],
            [min!, max!, mean],
            { atol: 1e-12 * range },
            `${name}, ${wanted.label}: min, max, mean`,
          );
      }
    });

    test("every stored sample agrees, by sum and checksum", async () => {
      const edf = await openEdf(path);
      try {
        for (const [i, wanted] of expected.channels.entries()) {
          const digital = await edf.readDigital(i);
          const sum = digital.reduce((a, b) => a + b, 0);
          const sha256 = createHash("sha256").update(digital).digest("hex").slice(0, 32);
          expect([sum, sha256]).toEqual([wanted.digital_sum, wanted.digital_sha256]);
          const first = await edf.readSignal(i, { count: wanted.first?.length ?? 0 });
          const range = Math.abs(wanted.physical_maximum - wanted.physical_minimum);
          expectAllclose(first, wanted.first ?? [], { atol: 1e-12 * range }, wanted.label);
        }
      } finally {
        await edf.close();
      }
    });

    test("annotations and gaps agree", async () => {
      const { annotations, gaps } = await edfInfo(path);
      const found = annotations
        .flatMap(({ onset, duration, texts }) =>
          texts.map((text) => [onset, duration ?? 0, text] as const),
        )
        .sort(byTimeAndText);
      const wanted = expected.annotations
        .map(([onset, duration, text]) => [onset, duration ?? 0, text] as const)
        .sort(byTimeAndText);
      expect(found).toEqual(wanted);
      expect(gaps.map(({ start, end }) => [start, end])).toEqual(expected.gaps ?? []);
    });
  });
}

function byTimeAndText(
  [a, , x]: readonly [number, number, string],
  [b, , y]: readonly [number, number, string],
): number {
  return a - b || (x < y ? -1 : x > y ? 1 : 0);
}

test("most synthetic recordings are confirmed by another library", () => {
  const alone = Object.entries(golden("synthetic.json"))
    .filter(([, entry]) => entry.confirmed_by!.length === 0)
    .map(([name]) => name);
  // Files that neither pyedflib nor MNE opens.
  expect(alone).toEqual(["no-signals.edf", "zero-samples.edf"]);
});
