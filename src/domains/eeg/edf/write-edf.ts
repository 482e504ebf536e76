/**
 * @file Writing EDF, EDF+, BDF and BDF+: for exporting processed signals and for tests. A file
 *   appears under its name only when it is complete.
 */

import { expected } from "../../../errors.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { planWrite, type RecordingToWrite, type WritePlan } from "./recording-to-write.ts";
import { encodeSample, gainOf } from "./samples.ts";

/** What was written. */
export interface EdfWritten {
  readonly bytes: number;
  readonly records: number;
  /** Physical samples outside [physMin, physMax], stored as the nearer end. */
  readonly clipped: number;
}

const BATCH_BYTES = 2 ** 20;

/**
 * Writes a recording, beside its place first: a failure leaves what was there before.
 *
 *   digital = round(digMin + (physical − physMin) / gain), clipped to [digMin, digMax]
 *
 * Calibration numbers are first rounded to the eight characters that the header has for each. So a
 * reader who follows the header gets the nearest value back.
 *
 * @throws {ConcordError} `argument/invalid` for what the format cannot hold (with the field),
 *   `file/io` when writing fails.
 */
export async function writeEdf(path: string, recording: RecordingToWrite): Promise<EdfWritten> {
  const plan = planWrite(recording);
  const header = encodeHeader(plan);
  const batch = Math.max(1, Math.floor(BATCH_BYTES / Math.max(1, plan.recordBytes)));
  let clipped = 0;
  function* pieces(): Generator<Uint8Array> {
    yield header;
    for (let r = 0; r < plan.records && plan.recordBytes > 0; r += batch) {
      const records = Math.min(batch, plan.records - r);
      const bytes = new Uint8Array(records * plan.recordBytes);
      for (let i = 0; i < records; i++) {
        clipped += encodeRecord(plan, r + i, bytes, i * plan.recordBytes);
      }
      yield bytes;
    }
  }
  await writeFileAtomically(path, pieces());
  const bytes = header.length + plan.records * plan.recordBytes;
  return { bytes, records: plan.records, clipped };
}

/** The bytes that {@link writeEdf} would write. */
export function encodeEdf(recording: RecordingToWrite): Uint8Array<ArrayBuffer> {
  const plan = planWrite(recording);
  const header = encodeHeader(plan);
  const bytes = new Uint8Array(header.length + plan.records * plan.recordBytes);
  bytes.set(header);
  for (let r = 0; r < plan.records; r++) {
    encodeRecord(plan, r, bytes, header.length + r * plan.recordBytes);
  }
  return bytes;
}

function encodeHeader(plan: WritePlan): Uint8Array<ArrayBuffer> {
  const fields = [
    ...plan.fixedFields,
    ...plan.columns.flatMap(([texts, width]) => texts.map((text) => [text, width] as const)),
  ];
  const bytes = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0)).fill(0x20);
  let at = 0;
  for (const [text, width] of fields) {
    if (text.length > width || (at > 0 && !/^[ -~]*$/.test(text))) {
      throw expected("header field", `at most ${width} printable US-ASCII characters`, text);
    }
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    at += width;
  }
  return bytes;
}

/** Writes record r at byte `at`; returns how many samples were clipped. */
function encodeRecord(plan: WritePlan, r: number, bytes: Uint8Array, at: number): number {
  const width = plan.sampleBytes;
  let clipped = 0;
  let position = at;
  for (const signal of plan.signals) {
    const { physMin, digMin, digMax, samplesPerRecord: n, samples, label } = signal;
    const gain = gainOf(signal);
    for (let i = r * n; i < (r + 1) * n; i++) {
      let value: number;
      if ("digital" in samples) {
        value = samples.digital[i]!;
        if (value < digMin || value > digMax) {
          throw expected(`"${label}" sample ${i}`, `from ${digMin} to ${digMax}`, value);
        }
      } else {
        const exact = digMin + (samples.physical[i]! - physMin) / gain;
        if (Number.isNaN(exact)) throw expected(`"${label}" sample ${i}`, "a number", exact);
        value = Math.round(exact);
        if (value < digMin || value > digMax) {
          clipped++;
          value = value < digMin ? digMin : digMax;
        }
      }
      encodeSample(bytes, position, width, value);
      position += width;
    }
  }
  for (const tal of plan.tals[r] ?? []) {
    bytes.set(tal, position);
    position += tal.length;
  }
  return clipped;
}
