/**
 * @file Damaged EDF files: each is read or refused with a ConcordError; nothing else is thrown,
 *   nothing hangs, and nothing larger than a small multiple of the file is allocated. The corpus is
 *   the golden folder's synthetic files; mutations are drawn from a seed, so a failure can be
 *   repeated from its number.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { integerAt, type RandomStream, randomStream } from "../../src/base/philox.ts";
import type { EdfOptions } from "../../src/domains/eeg/edf/edf-file.ts";
import { describeEdf } from "../../src/domains/eeg/edf/info.ts";
import { openEdfBytes } from "../../src/domains/eeg/edf/open-edf.ts";
import { ConcordError } from "../../src/errors.ts";

const GOLDEN = join(import.meta.dirname, "../golden/edf");
const corpus = readdirSync(GOLDEN)
  .filter((name) => /\.[eb]df$/.test(name))
  .sort()
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(GOLDEN, name))) }));

const SEED = 1;
const CASES = 4000;
/** Texts that break careless number, date and list parsers. */
const TEXTS = [
  ..."0 -1 1 9999 99999999 -9999999 1e308 1e-308 NaN Infinity -0 0x7f 1,5 .5 5. +".split(" "),
  ..."00.00.00 31.02.99 yy EDF+C EDF+D BDF+D".split(" "),
  "",
  "        ",
  "\xff\xff\xff\xff",
  "+1\x14\x14\0",
  "+9e9\x14x\x14\0",
  "\x14\x14\x14",
  "+5\x15",
  "EDF Annotations ",
  "BDF Annotations ",
];
/** Where fields begin: those of the fixed header, and each 8 bytes of the signals'. */
const FIXED_FIELDS = [0, 8, 88, 168, 176, 184, 192, 236, 244, 252];

function mutate(bytes: Uint8Array, random: RandomStream): Uint8Array {
  let at = 0;
  const draw = (bound: number) => integerAt(random, at++, bound);
  let out = bytes.slice();
  const times = 1 + draw(6);
  for (let i = 0; i < times && out.length > 0; i++) {
    switch (draw(8)) {
      case 0:
        out[draw(out.length)] = draw(256);
        break;
      case 1:
        put(out, FIXED_FIELDS[draw(FIXED_FIELDS.length)]!, TEXTS[draw(TEXTS.length)]!);
        break;
      case 2:
        put(out, 256 + 8 * draw(Math.max(1, (out.length - 256) >> 3)), TEXTS[draw(TEXTS.length)]!);
        break;
      case 3:
        out = out.slice(0, draw(out.length + 1));
        break;
      case 4:
        put(out, draw(out.length), TEXTS[draw(TEXTS.length)]!);
        break;
      case 5: {
        // A number of one signal: from the physical minimum to the samples per record.
        const signals = Number(new TextDecoder("latin1").decode(out.subarray(252, 256))) || 0;
        const column = [104, 112, 120, 128, 216][draw(5)]!;
        const field = 256 + column * signals + 8 * draw(Math.max(1, signals));
        put(out, field, TEXTS[draw(TEXTS.length)]!.padEnd(8));
        break;
      }
      case 6: {
        const from = draw(out.length);
        out.copyWithin(draw(out.length), from, from + draw(64));
        break;
      }
      default: {
        const grown = new Uint8Array(out.length + 1 + draw(64));
        grown.set(out);
        out = grown;
      }
    }
  }
  return out;
}

function put(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length && at + i < bytes.length; i++) {
    bytes[at + i] = text.charCodeAt(i);
  }
}

/** Reads everything that can be read. */
async function readAll(bytes: Uint8Array, options: EdfOptions): Promise<void> {
  const file = await openEdfBytes(bytes, options);
  for (let i = 0; i < file.signals.length; i++) {
    const width = file.header.sampleBytes;
    expect(file.sampleCount(i) * width).toBeLessThanOrEqual(bytes.length);
    if (file.signals[i]!.isCalibrated) await file.readSignal(i);
    await file.readDigital(i);
  }
  await describeEdf(file);
}

test("damaged files are read or refused, and nothing else happens", async () => {
  let read = 0;
  const refusals = new Map<string, number>();
  let slowestMs = 0;
  for (let n = 0; n < CASES; n++) {
    const { name, bytes } = corpus[n % corpus.length]!;
    const damaged = mutate(bytes, randomStream(SEED, `fuzz/edf/${n}`));
    const options: EdfOptions = {
      strict: n % 3 === 1,
      badCalibration: n % 2 === 0 ? "keep" : "throw",
      repairAnnotations: n % 5 === 0,
    };
    const started = performance.now();
    try {
      await readAll(damaged, options);
      read++;
    } catch (error) {
      if (!(error instanceof ConcordError)) {
        throw new Error(`case ${n} of seed ${SEED} (${name}) threw ${error}`, { cause: error });
      }
      refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
    expect(process.memoryUsage().arrayBuffers, `case ${n} (${name})`).toBeLessThan(256 * 2 ** 20);
  }
  // Both kinds occur, or the mutations would be too mild or too rough to mean anything.
  expect(read).toBeGreaterThan(CASES / 10);
  expect(refusals.get("format/invalid")).toBeGreaterThan(CASES / 10);
  expect([...refusals.keys()]).toEqual(["format/invalid"]);
  expect(slowestMs).toBeLessThan(2000);
});

test("every prefix of a file is read or refused", async () => {
  for (const { name, bytes } of corpus) {
    for (let length = 0; length <= bytes.length; length += length < 256 ? 5 : 17) {
      await readAll(bytes.slice(0, length), {}).catch((error: unknown) => {
        expect(error, `${name}, ${length} bytes`).toBeInstanceOf(ConcordError);
      });
    }
  }
});
