/**
 * @file What the EDF writer writes, the reader reads: digital values exactly, physical values by
 *   the calibration formula.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { EdfFormat } from "../../src/domains/eeg/edf/header.ts";
import { openEdfBytes } from "../../src/domains/eeg/edf/open-edf.ts";
import type {
  RecordingToWrite,
  SignalToWrite,
} from "../../src/domains/eeg/edf/recording-to-write.ts";
import { gainOf } from "../../src/domains/eeg/edf/samples.ts";
import { encodeEdf } from "../../src/domains/eeg/edf/write-edf.ts";

const FORMATS: readonly EdfFormat[] = ["EDF", "EDF+C", "EDF+D", "BDF", "BDF+C", "BDF+D"];

const ascii = (maxLength: number) =>
  fc
    .string({ unit: "grapheme-ascii", maxLength })
    .map((text) => text.trim())
    .filter((text) => !/^[EB]DF Annotations$/.test(text));

/** Milliseconds, so that onsets survive the decimal form. */
const seconds = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((ms) => ms / 1000);

/** No lone surrogates: UTF-8 cannot hold them. */
const isWellFormed = (t: string) =>
  new TextDecoder().decode(new TextEncoder().encode(`.${t}`)) === `.${t}`;

const text = fc
  .string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((t) => !["\0", "\x14", "\x15"].some((c) => t.includes(c)) && isWellFormed(t));

function signalOf(records: number, width: 2 | 3) {
  const top = width === 2 ? 32767 : 8388607;
  const ends = fc
    .tuple(fc.integer({ min: -top - 1, max: top }), fc.integer({ min: -top - 1, max: top }))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return fc
    .tuple(ends, fc.integer({ min: 0, max: 9 }), fc.integer({ min: -99999, max: 99999 }))
    .chain(([[digMin, digMax], samplesPerRecord, physMin]) =>
      fc.record({
        label: ascii(16),
        transducer: ascii(80),
        unit: ascii(8),
        prefilter: ascii(80),
        physMin: fc.constant(physMin / 10),
        physMax: fc
          .integer({ min: -99999, max: 99999 })
          .filter((p) => p !== physMin)
          .map((p) => p / 10),
        digMin: fc.constant(digMin),
        digMax: fc.constant(digMax),
        samplesPerRecord: fc.constant(samplesPerRecord),
        samples: fc
          .array(fc.integer({ min: digMin, max: digMax }), {
            minLength: records * samplesPerRecord,
            maxLength: records * samplesPerRecord,
          })
          .map((values) => ({ digital: Int32Array.from(values) })),
      }),
    );
}

const recordings = fc
  .tuple(fc.constantFrom(...FORMATS), fc.integer({ min: 1, max: 5 }))
  .chain(([format, records]) => {
    const plus = format.includes("+");
    const recordDuration = fc.integer({ min: 1, max: 3000 }).map((ms) => ms / 1000);
    return fc.record({
      format: fc.constant(format),
      records: fc.constant(records),
      fraction: plus ? fc.constantFrom("", ".5", ".125") : fc.constant(""),
      recordDuration,
      pauses: fc.array(fc.integer({ min: 0, max: 20 }), {
        minLength: records,
        maxLength: records,
      }),
      signals: fc
        .array(signalOf(records, format.startsWith("B") ? 3 : 2), { maxLength: 4 })
        // Somebody must say how many records there are.
        .filter((signals) => signals.some((s) => s.samplesPerRecord > 0)),
      annotations: fc.array(
        fc.record({
          onset: seconds(20),
          duration: fc.option(seconds(5), { nil: undefined }),
          texts: fc.array(text, { minLength: 1, maxLength: 3 }),
        }),
        { maxLength: plus ? 6 : 0 },
      ),
    });
  });

test("write → read gives back every field, sample, annotation and gap", async () => {
  await fc.assert(
    fc.asyncProperty(recordings, async ({ records, fraction, pauses, ...rest }) => {
      const onsets = [0];
      for (let r = 1; r < records; r++) {
        onsets.push(Number((onsets[r - 1]! + rest.recordDuration + pauses[r]!).toFixed(3)));
      }
      const recording: RecordingToWrite = {
        ...rest,
        startTime: `2021-08-02T10:20:30${fraction}`,
        ...(rest.format.endsWith("D") && { recordOnsets: onsets }),
      };
      const file = await openEdfBytes(encodeEdf(recording), { strict: true });
      expect(file.format).toBe(rest.format);
      expect(file.recordCount).toBe(records);
      expect(file.recordDuration).toBe(rest.recordDuration);
      expect(file.startTime).toBe(recording.startTime);
      for (const [i, signal] of rest.signals.entries()) {
        const { samples, ...fields } = signal;
        expect(file.signals[i]).toMatchObject(fields);
        expect(await file.readDigital(i)).toEqual(samples.digital);
        expect(await file.readSignal(i)).toEqual(physical(signal));
      }
      const found = (await file.annotations()).map(({ record: _, ...a }) => a);
      expect(found.sort(byOnset)).toEqual([...rest.annotations].sort(byOnset));
      const gaps = await file.gaps();
      const expectedGaps = rest.format.endsWith("D")
        ? onsets.flatMap((start, r) => (r > 0 && pauses[r]! > 0 ? [start] : []))
        : [];
      expect(gaps.map((g) => g.end)).toEqual(expectedGaps);
    }),
    { numRuns: 150, seed: 7 },
  );
});

function physical(signal: SignalToWrite & { samples: { digital: Int32Array } }): Float64Array {
  const gain = gainOf(signal);
  return Float64Array.from(
    signal.samples.digital,
    (d) => signal.physMin + (d - signal.digMin) * gain,
  );
}

interface Timed {
  readonly onset: number;
  readonly duration: number | undefined;
  readonly texts: readonly string[];
}

function byOnset(a: Timed, b: Timed): number {
  const x = JSON.stringify([a.onset, a.duration, a.texts]);
  const y = JSON.stringify([b.onset, b.duration, b.texts]);
  return x < y ? -1 : x > y ? 1 : 0;
}

test("physical values come back within half a step", async () => {
  const wave = fc.array(fc.double({ min: -200, max: 200, noNaN: true }), {
    minLength: 6,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(wave, async (values) => {
      const calibration = { physMin: -200, physMax: 200, digMin: -32768, digMax: 32767 };
      const bytes = encodeEdf({
        format: "EDF",
        startTime: "2021-08-02T10:20:30",
        recordDuration: 1,
        signals: [
          {
            ...calibration,
            label: "x",
            unit: "uV",
            samplesPerRecord: 3,
            samples: { physical: Float64Array.from(values) },
          },
        ],
      });
      const read = await (await openEdfBytes(bytes)).readSignal(0);
      for (const [i, v] of values.entries()) {
        expect(Math.abs(read[i]! - v)).toBeLessThanOrEqual(0.5 * gainOf(calibration) + 1e-9);
      }
    }),
    { numRuns: 100, seed: 7 },
  );
});
