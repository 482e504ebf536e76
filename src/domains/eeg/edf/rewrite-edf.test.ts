import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openEdf, openEdfBytes } from "./open-edf.ts";
import { rewriteEdf } from "./rewrite-edf.ts";
import { encodeEdf } from "./write-edf.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../test/golden/edf");

async function* parts(samples: readonly Float64Array[], size: number) {
  for (let at = 0; at < samples[0]!.length; at += size)
    yield samples.map((x) => x.subarray(at, at + size));
}

const signal = (label: string, values: number[]) => ({
  label,
  unit: "uV",
  physMin: -100,
  physMax: 100,
  digMin: -1000,
  digMax: 1000,
  prefilter: "HP:0.1Hz",
  samplesPerRecord: 4,
  samples: { digital: Int32Array.from(values) },
});
const twelve = (first: number) => Array.from({ length: 12 }, (_, i) => first + i);
const recording = {
  ...({ format: "EDF+D", startTime: "2020-01-01T00:00:00.25", recordDuration: 1 } as const),
  recordOnsets: [0, 1, 7],
  annotations: [{ onset: 1.5, duration: 0.5, texts: ["spike"] }],
  signals: [signal("Fz", twelve(0)), signal("ECG", twelve(100)), signal("Cz", twelve(200))],
};

describe("a copy with other samples", () => {
  test("differs in these samples and their prefilter alone", async () => {
    const bytes = encodeEdf(recording);
    const path = join(temporaryFolder(), "out.edf");
    const file = await openEdfBytes(bytes);
    const fresh = [0, 1].map((s) => Float64Array.from({ length: 12 }, (_, i) => s * 10 + i - 3.04));
    const written = await rewriteEdf(file, path, {
      indices: [0, 2],
      samples: parts(fresh, 5),
      prefilter: (s) => `${s.prefilter} LP:40Hz`,
    });
    expect(written).toEqual({ bytes: bytes.length, records: 3, clipped: 0 });
    const out = await openEdf(path, { strict: true });
    expect(out.signals.map((s) => s.prefilter)).toEqual([
      "HP:0.1Hz LP:40Hz",
      "HP:0.1Hz",
      "HP:0.1Hz LP:40Hz",
    ]);
    for (const [k, index] of [0, 2].entries()) {
      const read = await out.readSignal(index);
      for (const [i, v] of read.entries()) expect(v).toBeCloseTo(fresh[k]![i]!, 0);
    }
    expect(await out.readDigital(1)).toEqual(await file.readDigital(1));
    expect(await out.annotations()).toEqual(await file.annotations());
    expect(await out.gaps()).toEqual(await file.gaps());
    expect(out.startTime).toBe(file.startTime);
    await out.close();
    // Byte by byte: apart from the two signals' samples and prefilters nothing changed.
    const after = readFileSync(path);
    const changed = [...after.keys()].filter((i) => after[i] !== bytes[i]);
    const { header } = file;
    const prefilters = 256 + 136 * header.signals.length;
    for (const i of changed) {
      const inRecord = (i - header.headerBytes) % header.recordBytes;
      const isSample =
        i >= header.headerBytes && (inRecord < 8 || (inRecord >= 16 && inRecord < 24));
      const isPrefilter = i >= prefilters && i < prefilters + 3 * 80;
      expect(isSample || isPrefilter, `byte ${i}`).toBe(true);
    }
    expect(changed.length).toBeGreaterThan(20);
  });

  test("keeps stored numbers where the new ones are NaN, and clips what the calibration cannot hold", async () => {
    const file = await openEdfBytes(encodeEdf(recording));
    const path = join(temporaryFolder(), "out.edf");
    const fresh = Float64Array.from({ length: 12 }, (_, i) =>
      i < 6 ? Number.NaN : i === 8 ? 1e6 : -200,
    );
    const { clipped } = await rewriteEdf(file, path, { indices: [0], samples: parts([fresh], 12) });
    expect(clipped).toBe(6);
    const out = await openEdf(path);
    expect([...(await out.readDigital(0))]).toEqual([
      0, 1, 2, 3, 4, 5, -1000, -1000, 1000, -1000, -1000, -1000,
    ]);
    await out.close();
  });

  test.each([
    "gaps.bdf",
    "gaps.edf",
    "mixed-rates.edf",
    "narrow.edf",
    "sub-second.edf",
    "plain.bdf",
    "inverted.edf",
  ])("of %s with its own samples is that file", async (name) => {
    const file = await openEdf(join(GOLDEN, name));
    const path = join(temporaryFolder(), name);
    const indices = file.signals.map((_, i) => i);
    const samples = await Promise.all(indices.map((i) => file.readSignal(i)));
    async function* whole() {
      yield samples;
    }
    const { clipped } = await rewriteEdf(file, path, { indices, samples: whole() });
    expect(clipped).toBe(0);
    expect(readFileSync(path).equals(readFileSync(join(GOLDEN, name)))).toBe(true);
    await file.close();
  });

  test("of a file that is cut promises the records that it has, and keeps the bytes of the cut one", async () => {
    const file = await openEdf(join(GOLDEN, "truncated.edf"));
    const path = join(temporaryFolder(), "out.edf");
    const { records, bytes } = await rewriteEdf(file, path, {
      indices: [],
      samples: parts([new Float64Array(0)], 1),
    });
    const out = await openEdf(path);
    expect([out.truncated, out.recordCount, records]).toEqual([
      undefined,
      file.recordCount,
      file.recordCount,
    ]);
    const [before, after] = [readFileSync(join(GOLDEN, "truncated.edf")), readFileSync(path)];
    expect([after.length, bytes]).toEqual([before.length, before.length]);
    expect(after.subarray(256).equals(before.subarray(256))).toBe(true);
    await Promise.all([out.close(), file.close()]);
  });
});

test("a calibration from high to low, a prefilter in UTF-8", async () => {
  const bytes = encodeEdf({ ...recording, signals: [signal("Fz", twelve(0))] });
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  const column = (before: number) => 256 + 2 * before;
  put(column(120), "1000    ");
  put(column(128), "-1000   ");
  put(column(136), "HP:0.1Hz µV ");
  const file = await openEdfBytes(bytes);
  const path = join(temporaryFolder(), "out.edf");
  const fresh = Float64Array.from({ length: 12 }, (_, i) => (i === 0 ? 500 : 10 - i));
  const { clipped } = await rewriteEdf(file, path, {
    indices: [0],
    samples: parts([fresh], 12),
    prefilter: (s) => `${s.prefilter}; SAE`,
  });
  expect(clipped).toBe(1);
  const out = await openEdf(path);
  expect(out.signals[0]!.prefilter).toBe("HP:0.1Hz µV; SAE");
  const found = [...(await out.readSignal(0))];
  expect(found).toEqual([100, ...fresh.slice(1)].map((v) => expect.closeTo(v, 9)));
  await out.close();
});

test("too few samples, too many, or a failure on the way leave what was there", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "out.edf");
  writeFileSync(path, "before");
  const write = async (samples: AsyncIterable<readonly Float64Array[]>) =>
    rewriteEdf(await openEdfBytes(encodeEdf(recording)), path, { indices: [0], samples });
  await expect(write(parts([new Float64Array(11)], 4))).rejects.toThrow(/1 more/);
  await expect(write(parts([new Float64Array(13)], 4))).rejects.toThrow(/no more than/);
  async function* failing() {
    yield [new Float64Array(5)];
    throw new Error("power cut");
  }
  await expect(write(failing())).rejects.toThrow("power cut");
  expect(readFileSync(path, "utf8")).toBe("before");
  const bad = openEdfBytes(encodeEdf(recording));
  await expect(rewriteEdf(await bad, path, { indices: [7], samples: failing() })).rejects.toThrow(
    /calibration/,
  );
});
