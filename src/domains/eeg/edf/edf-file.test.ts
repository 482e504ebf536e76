import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { EdfFile } from "./edf-file.ts";
import { openEdf, openEdfBytes } from "./open-edf.ts";
import { encodeEdf } from "./write-edf.ts";

const GOLDEN = join(import.meta.dirname, "../../../../test/golden/edf");
const golden = (name: string) => join(GOLDEN, name);
const goldenBytes = (name: string) => new Uint8Array(readFileSync(golden(name)));

/**
 * A file whose sample i of each signal is i, 10 samples a record in the first signal and 4 in the
 * second.
 */
function counting(records: number): Promise<EdfFile> {
  const signal = (label: string, samplesPerRecord: number) => ({
    label,
    unit: "uV",
    physMin: -32768,
    physMax: 32767,
    digMin: -32768,
    digMax: 32767,
    samplesPerRecord,
    samples: { digital: Int32Array.from({ length: records * samplesPerRecord }, (_, i) => i) },
  });
  return openEdfBytes(
    encodeEdf({
      format: "EDF",
      startTime: "2020-01-01T00:00:00",
      recordDuration: 1,
      signals: [signal("a", 10), signal("b", 4)],
    }),
  );
}

describe("reading a range", () => {
  test("any range is the same part of the whole", async () => {
    const file = await counting(7);
    for (const index of [0, 1]) {
      const whole = await file.readSignal(index);
      expect([...whole]).toEqual(Array.from({ length: file.sampleCount(index) }, (_, i) => i));
      for (const [startSample, count] of [
        [0, 0],
        [3, 1],
        [9, 2],
        [5, 20],
        [28, 0],
        [27, 1],
      ] as const) {
        const part = await file.readSignal(index, { startSample, count });
        expect(part).toEqual(whole.slice(startSample, startSample + count));
      }
    }
  });

  test("a range outside the signal is refused", async () => {
    const file = await counting(2);
    for (const range of [
      { startSample: -1 },
      { startSample: 21 },
      { startSample: 0.5 },
      { startSample: 15, count: 6 },
      { count: -1 },
      { count: Number.NaN },
    ]) {
      await expect(file.readSignal(0, range)).rejects.toMatchObject({ code: "argument/invalid" });
    }
    await expect(file.readSignal(2)).rejects.toThrow(/signal index/);
  });

  test("more samples than the limit are refused before they are allocated", async () => {
    const file = await openEdfBytes(goldenBytes("plain.edf"), { maxSamples: 31 });
    await expect(file.readSignal(0)).rejects.toMatchObject({ code: "format/too-large" });
    await expect(file.readSignal(0, { count: 31 })).resolves.toHaveLength(31);
  });

  test("large records are read by slices and give the same", async () => {
    const n = 20_000;
    const digital = (k: number) => Int32Array.from({ length: 2 * n }, (_, i) => (i * k) % 30_011);
    const signals = [1, 3, 7].map((k) => ({
      label: `x${k}`,
      unit: "uV",
      physMin: 0,
      physMax: 32767,
      digMin: 0,
      digMax: 32767,
      samplesPerRecord: n,
      samples: { digital: digital(k) },
    }));
    const recording = { format: "EDF", startTime: "2020-01-01T00:00:00", signals } as const;
    const file = await openEdfBytes(encodeEdf({ ...recording, recordDuration: 1 }));
    for (const [i, k] of [1, 3, 7].entries()) {
      expect(await file.readDigital(i)).toEqual(digital(k));
      const part = await file.readDigital(i, { startSample: n - 5, count: 10 });
      expect(part).toEqual(digital(k).slice(n - 5, n + 5));
    }
  });
});

describe("records", () => {
  test.each([1, 2, 3, 100])("batches of %d are the signals, cut", async (batch) => {
    const file = await counting(7);
    const parts: number[][] = [[], []];
    let next = 0;
    for await (const { firstRecord, records, signals } of file.records(batch)) {
      expect(firstRecord).toBe(next);
      next += records;
      for (const [i, values] of signals.entries()) parts[i]!.push(...values);
    }
    expect(next).toBe(7);
    for (const i of [0, 1]) expect(parts[i]).toEqual([...(await file.readSignal(i))]);
  });

  test("only the signals asked for are decoded", async () => {
    const file = await counting(2);
    for await (const { signals } of file.records(2, [1])) expect(signals).toHaveLength(1);
    const none = file.records(0);
    await expect(none.next()).rejects.toThrow(/batch/);
  });
});

describe("length", () => {
  test("records −1 are counted from the file's length", async () => {
    const file = await openEdf(golden("unknown-records.edf"));
    expect([file.header.declaredRecords, file.recordCount, file.truncated]).toEqual([
      -1,
      3,
      undefined,
    ]);
    await file.close();
  });

  test("a cut last record is reported and the rest is read", async () => {
    const file = await openEdf(golden("truncated.edf"));
    // 4 records of 32 bytes, 5 bytes missing: 3 whole ones and 27 bytes.
    expect(file.truncated).toEqual({ declaredRecords: 4, wholeRecords: 3, extraBytes: 27 });
    expect(file.warnings[0]!.message).toMatch(/promises 4 records .* holds 3 and 27 bytes more/);
    expect(await file.readSignal(1)).toHaveLength(24);
    await file.close();
    await expect(openEdf(golden("truncated.edf"), { strict: true })).rejects.toThrow(/promises 4/);
  });

  test("the file decides how many records there are, not its header", async () => {
    for (const [name, at] of [
      ["plain.edf", 4],
      ["gaps.edf", 5],
      ["plain.bdf", 3],
      ["gaps.bdf", 2],
    ] as const) {
      const bytes = goldenBytes(name);
      const whole = await openEdfBytes(bytes);
      for (const declared of ["0", "-1", "1", "17"]) {
        bytes.set(new TextEncoder().encode(declared.padEnd(8)), 236);
        const file = await openEdfBytes(bytes);
        expect([name, declared, file.recordCount]).toEqual([name, declared, at]);
        expect(await file.readSignal(0)).toEqual(await whole.readSignal(0));
        expect(await file.segments()).toEqual(await whole.segments());
        expect(file.warnings.map((w) => w.field)).toContain("number of data records");
        expect(file.truncated !== undefined).toBe(declared === "17");
        await expect(openEdfBytes(bytes, { strict: true })).rejects.toThrow(/number of data rec/);
      }
    }
  });

  test("a recorder that was not stopped, its last record cut", async () => {
    const bytes = goldenBytes("plain.edf");
    bytes.set(new TextEncoder().encode("0       "), 236);
    const file = await openEdfBytes(bytes.slice(0, -3));
    expect(file.recordCount).toBe(3);
    expect(file.truncated).toEqual({ declaredRecords: 0, wholeRecords: 3, extraBytes: 29 });
    expect(file.warnings.map((w) => w.message)).toEqual([
      "the header promises 0 records of 32 bytes but the file holds 3 and 29 bytes more. The recorder was probably not stopped.",
    ]);
  });

  test("a record that is larger than the file is not a record, and the field that says so is named", async () => {
    const bytes = goldenBytes("plain.edf");
    bytes.set(new TextEncoder().encode("99999999"), 688);
    const file = await openEdfBytes(bytes);
    expect([file.recordCount, file.truncated?.wholeRecords]).toEqual([0, 0]);
    expect(file.warnings.at(-1)).toEqual({
      field: "signal 1 of 2: samples in each data record",
      offset: 688,
      message: "a data record takes 200000014 bytes, but only 128 follow the header.",
    });
  });

  test("bytes after the last record are a warning", async () => {
    const bytes = new Uint8Array([...goldenBytes("plain.edf"), 1, 2, 3]);
    const file = await openEdfBytes(bytes);
    expect(file.recordCount).toBe(4);
    expect(file.warnings).toEqual([
      {
        field: "data records",
        offset: 896,
        message: "3 bytes follow the last whole record; ignored.",
      },
    ]);
  });

  test("a header that is longer than the file is refused", async () => {
    await expect(openEdfBytes(goldenBytes("plain.edf").slice(0, 700))).rejects.toThrow(
      /number of signals \(byte 252\): the header needs 768 bytes but the file has 700/,
    );
    await expect(openEdfBytes(new Uint8Array(10))).rejects.toThrow(
      "(memory): header (byte 0): expected at least 256 bytes but found 10.",
    );
  });

  test("millions of promised records without a byte cost nothing", async () => {
    const bytes = goldenBytes("no-signals.edf");
    bytes.set(new TextEncoder().encode("99999999"), 236);
    const file = await openEdfBytes(bytes);
    expect(file.recordCount).toBe(99_999_999);
    expect(await file.gaps()).toEqual([]);
    for await (const _ of file.records()) expect.unreachable();
  });
});

describe("a record of any size", () => {
  test("is read in parts of a mebibyte, annotations and all", async () => {
    const n = 700_001;
    const digital = (k: number) => Int32Array.from({ length: 2 * n }, (_, i) => (i * k) % 30_011);
    const signals = [3, 7].map((k) => ({
      label: `x${k}`,
      unit: "uV",
      physMin: 0,
      physMax: 32767,
      digMin: 0,
      digMax: 32767,
      samplesPerRecord: n,
      samples: { digital: digital(k) },
    }));
    const annotations = [{ onset: 1500, texts: ["late"] }];
    const bytes = encodeEdf({
      format: "EDF+C",
      startTime: "2020-01-01T00:00:00",
      recordDuration: 1000,
      signals,
      annotations,
    });
    let largest = 0;
    const path = join(temporaryFolder(), "large.edf");
    writeFileSync(path, bytes);
    const file = await openEdf(path);
    const found = [new Float64Array(2 * n), new Float64Array(2 * n)];
    for await (const { index, startSample, values } of file.parts()) {
      largest = Math.max(largest, values.length);
      found[index]!.set(values, startSample);
    }
    const same = (a: ArrayLike<number>, b: Int32Array) =>
      a.length === b.length && b.every((v, i) => v === a[i]);
    expect([3, 7].map((k, i) => same(found[i]!, digital(k)))).toEqual([true, true]);
    expect(largest).toBe(2 ** 19);
    expect(await file.annotations()).toMatchObject([{ onset: 1500, texts: ["late"] }]);
    const part = await file.readDigital(1, { startSample: n - 600_000, count: 1_200_000 });
    expect(same(part, digital(7).slice(n - 600_000, n + 600_000))).toBe(true);
    await file.close();
  });
});

describe("a file of more than 2 GiB", () => {
  test("is read at its end, and walked through with bounded memory", async () => {
    const path = join(temporaryFolder(), "large.edf");
    const samplesPerRecord = 500_000;
    const bytes = encodeEdf({
      format: "EDF",
      startTime: "2020-01-01T00:00:00",
      recordDuration: 1,
      signals: [
        {
          label: "x",
          unit: "uV",
          physMin: 0,
          physMax: 100,
          digMin: 0,
          digMax: 100,
          samplesPerRecord,
          samples: { digital: new Int32Array(samplesPerRecord) },
        },
      ],
    });
    bytes.set(new TextEncoder().encode("-1      "), 236);
    writeFileSync(path, bytes.subarray(0, 512));
    const records = 2500;
    // A sparse file: zeros that take no space, and one sample of 77 at the very end.
    truncateSync(path, 512 + records * 2 * samplesPerRecord - 2);
    appendFileSync(path, Uint8Array.of(77, 0));
    const file = await openEdf(path);
    expect(file.recordCount).toBe(records);
    const total = records * samplesPerRecord;
    expect([...(await file.readSignal(0, { startSample: total - 3 }))]).toEqual([0, 0, 77]);
    await expect(file.readSignal(0)).rejects.toMatchObject({ code: "format/too-large" });
    let seen = 0;
    for await (const batch of file.records()) {
      expect(batch.signals[0]!.byteLength).toBeLessThanOrEqual(8 * 2 ** 20);
      if (++seen === 20) break;
    }
    await file.close();
  });
});

test("records of no duration carry annotations; their samples have no rate and no time", async () => {
  const bytes = goldenBytes("gaps.edf");
  bytes.set(new TextEncoder().encode("0       "), 244);
  const file = await openEdfBytes(bytes);
  expect(file.signals.map((s) => s.rate)).toEqual([0, 0]);
  expect([file.duration, await file.gaps()]).toEqual([0, []]);
  expect((await file.annotations()).map((a) => a.texts[0])).toEqual(["pause", "again"]);
  expect(await file.readSignal(0)).toHaveLength(40);
});

describe("time", () => {
  test("samples across a gap are where their records are", async () => {
    const file = await openEdf(golden("gaps.edf"));
    expect(await file.gaps()).toEqual([
      { start: 2, end: 5, record: 2 },
      { start: 6, end: 100.5, record: 3 },
    ]);
    const times = await Promise.all([15, 16, 24, 39].map((s) => file.sampleTime(0, s)));
    expect(times).toEqual([1.875, 5, 100.5, 102.375]);
    expect(file.duration).toBe(5);
    await file.close();
  });

  test("a first record after the full second moves the start, and annotations count from there", async () => {
    const file = await openEdf(golden("sub-second.edf"));
    expect(file.startTime).toBe("2021-08-02T10:20:30.25");
    expect(file.header.startTime).toBe("2021-08-02T10:20:30");
    expect(await file.annotations()).toEqual([
      { onset: 0.5, duration: undefined, texts: ["x"], record: 0 },
    ]);
    await file.close();
  });

  test("a gap in a file marked continuous is found and complained about", async () => {
    const bytes = goldenBytes("gaps.edf");
    bytes.set(new TextEncoder().encode("EDF+C"), 192);
    const file = await openEdfBytes(bytes);
    expect(await file.gaps()).toHaveLength(2);
    expect(file.warnings.map((w) => w.message)).toEqual([
      "comes after a gap, although the file is marked EDF+C.",
      "comes after a gap, although the file is marked EDF+C.",
    ]);
    const strict = await openEdfBytes(bytes, { strict: true });
    await expect(strict.gaps()).rejects.toMatchObject({ code: "format/invalid" });
  });

  test("a record without time-keeping follows the one before, with a complaint", async () => {
    const bytes = goldenBytes("gaps.edf");
    const at = Buffer.from(bytes).indexOf("+1\x14\x14\0");
    bytes.fill(0, at, at + 5);
    const file = await openEdfBytes(bytes);
    expect((await file.gaps())[0]).toEqual({ start: 2, end: 5, record: 2 });
    expect(file.warnings[0]!.message).toMatch(/no time-keeping annotation/);
  });
});

describe("a signal without calibration", () => {
  test("can be kept: its digital values are there, its physical ones are refused", async () => {
    const bytes = goldenBytes("plain.edf");
    bytes.set(new TextEncoder().encode("7       "), 464);
    bytes.set(new TextEncoder().encode("7       "), 480);
    await expect(openEdfBytes(bytes)).rejects.toThrow(/cannot be calibrated/);
    const file = await openEdfBytes(bytes, { badCalibration: "keep" });
    await expect(file.readSignal(0)).rejects.toThrow(/no usable calibration/);
    expect(await file.readDigital(0)).toHaveLength(32);
    expect(await file.readSignal(1)).toHaveLength(32);
  });
});

describe("files that cannot be opened", () => {
  test("say what is wrong", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "a.edf"));
    await expect(openEdf(join(folder, "none.edf"))).rejects.toMatchObject({ code: "file/missing" });
    await expect(openEdf(join(folder, "a.edf"))).rejects.toMatchObject({
      code: "argument/invalid",
    });
    writeFileSync(join(folder, "b.edf"), "x".repeat(300));
    await expect(openEdf(join(folder, "b.edf"))).rejects.toMatchObject({
      message: expect.stringMatching(/version \(byte 0\): expected "0"/),
      hint: "This is not an EDF or BDF file.",
    });
  });

  test("a file that shrinks while it is open is noticed", async () => {
    const path = join(temporaryFolder(), "a.edf");
    copyFileSync(golden("plain.edf"), path);
    const file = await openEdf(path);
    writeFileSync(path, goldenBytes("plain.edf").subarray(0, 800));
    await expect(file.readSignal(0)).rejects.toMatchObject({ code: "format/invalid" });
    await file.close();
  });
});
