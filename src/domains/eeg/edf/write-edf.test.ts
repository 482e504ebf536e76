import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openEdf, openEdfBytes } from "./open-edf.ts";
import { formatNumber, type RecordingToWrite, type SignalToWrite } from "./recording-to-write.ts";
import { encodeEdf, writeEdf } from "./write-edf.ts";

const GOLDEN = join(import.meta.dirname, "../../../../test/golden/edf");

function signal(change: Partial<SignalToWrite> = {}): SignalToWrite {
  return {
    label: "Cz",
    unit: "uV",
    physMin: -100,
    physMax: 100,
    digMin: -1000,
    digMax: 1000,
    samplesPerRecord: 2,
    samples: { digital: Int32Array.of(1, -2, 3, -4) },
    ...change,
  };
}

function recording(change: Partial<RecordingToWrite> = {}): RecordingToWrite {
  return {
    format: "EDF+C",
    startTime: "2020-02-29T23:59:59",
    recordDuration: 1,
    signals: [signal()],
    ...change,
  };
}

test("a plain recording has the same bytes as one laid out by hand", async () => {
  const bytes = new Uint8Array(readFileSync(join(GOLDEN, "plain.edf")));
  const file = await openEdfBytes(bytes);
  const again = encodeEdf({
    format: "EDF",
    patient: file.header.patient,
    recording: file.header.recording,
    startTime: file.startTime!,
    recordDuration: file.recordDuration,
    signals: await Promise.all(
      file.signals.map(async (s, i) => ({ ...s, samples: { digital: await file.readDigital(i) } })),
    ),
  });
  expect(again).toEqual(bytes);
});

test("EDF+ fields, annotations and a fraction of a second are read back", async () => {
  const file = await openEdfBytes(
    encodeEdf(
      recording({
        patient: { code: "p 1", sex: "F", name: "N" },
        recording: { equipment: "amp" },
        startTime: "2020-02-29T23:59:59.5",
        annotations: [
          { onset: 0.25, texts: ["first", "zweiter Müder"] },
          { onset: 1.5, duration: 0.125, texts: ["second"] },
        ],
      }),
    ),
    { strict: true },
  );
  expect(file.header.patientFields).toMatchObject({ code: "p 1", sex: "F", name: "N" });
  expect(file.header.recordingFields).toMatchObject({ startDate: "2020-02-29", equipment: "amp" });
  expect(file.startTime).toBe("2020-02-29T23:59:59.5");
  expect(await file.annotations()).toEqual([
    { onset: 0.25, duration: undefined, texts: ["first", "zweiter Müder"], record: 0 },
    { onset: 1.5, duration: 0.125, texts: ["second"], record: 1 },
  ]);
  expect(await file.gaps()).toEqual([]);
});

test("onsets of records make gaps", async () => {
  const file = await openEdfBytes(
    encodeEdf(recording({ format: "EDF+D", recordOnsets: [0, 3.5] })),
    { strict: true },
  );
  expect(await file.gaps()).toEqual([{ start: 1, end: 3.5, record: 1 }]);
});

test("physical values become the nearest step, and those outside the range its end", async () => {
  const physical = Float64Array.of(0.04, 0.06, 250, -250);
  const path = join(temporaryFolder(), "a.edf");
  const written = await writeEdf(path, recording({ signals: [signal({ samples: { physical } })] }));
  expect(written).toMatchObject({ records: 2, clipped: 2, bytes: readFileSync(path).length });
  const file = await openEdf(path);
  expect([...(await file.readDigital(0))]).toEqual([0, 1, 1000, -1000]);
  await file.close();
});

test("a file of many batches is the same as the bytes made at once", async () => {
  const n = 700_000;
  const digital = Int32Array.from({ length: n }, (_, i) => (i % 2001) - 1000);
  const long = recording({
    signals: [signal({ samplesPerRecord: 1000, samples: { digital } })],
  });
  const path = join(temporaryFolder(), "long.edf");
  await writeEdf(path, long);
  expect(readFileSync(path).equals(encodeEdf(long))).toBe(true);
});

test("a recording that cannot be written leaves the old file alone", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.edf");
  writeFileSync(path, "old");
  const digital = Int32Array.of(1, 2, 3, 5000);
  await expect(
    writeEdf(path, recording({ signals: [signal({ samples: { digital } })] })),
  ).rejects.toThrow(/"Cz" sample 3/);
  expect(readdirSync(folder)).toEqual(["a.edf"]);
  expect(readFileSync(path, "utf8")).toBe("old");
});

describe("what the format cannot hold is refused with its name", () => {
  test.each<[string, Partial<RecordingToWrite>, RegExp]>([
    ["a date before 1985", { startTime: "1984-12-31T00:00:00" }, /1985 to 2084/],
    ["a date that does not exist", { startTime: "2021-02-29T00:00:00" }, /startTime/],
    ["a zone", { startTime: "2021-02-28T00:00:00Z" }, /without zone/],
    ["a fraction in plain EDF", { format: "EDF", startTime: "2021-01-01T00:00:00.5" }, /format/],
    ["no duration", { recordDuration: 0 }, /recordDuration/],
    [
      "annotations in plain EDF",
      { format: "EDF", annotations: [{ onset: 0, texts: ["x"] }] },
      /format/,
    ],
    ["onsets in EDF+C", { recordOnsets: [0, 1] }, /EDF\+D/],
    ["descending onsets", { format: "EDF+D", recordOnsets: [0, -1] }, /recordOnsets\[1\]/],
    ["too few onsets", { format: "EDF+D", recordOnsets: [0] }, /2 recordOnsets/],
    ["an empty annotation", { annotations: [{ onset: 0, texts: [""] }] }, /annotations\[0\]/],
    ["byte 20 in a text", { annotations: [{ onset: 0, texts: ["a\x14b"] }] }, /annotations\[0\]/],
    ["a negative duration", { annotations: [{ onset: 0, duration: -1, texts: ["a"] }] }, /annot/],
    ["a long label", { signals: [signal({ label: "x".repeat(17) })] }, /at most 16/],
    ["µ in a unit", { signals: [signal({ unit: "µV" })] }, /US-ASCII/],
    ["a large number", { signals: [signal({ physMax: 1e9 })] }, /eight characters/],
    ["a small range", { signals: [signal({ physMin: 0, physMax: 1e-9 })] }, /smaller unit/],
    ["17 bits", { signals: [signal({ digMax: 65535 })] }, /from -32768 to 32767/],
    ["an empty digital range", { signals: [signal({ digMin: 5, digMax: 5 })] }, /digMin/],
    [
      "NaN",
      { signals: [signal({ samples: { physical: Float64Array.of(1, 2, 3, Number.NaN) } })] },
      /sample 3/,
    ],
    [
      "half a record",
      { signals: [signal({ samples: { digital: new Int32Array(3) } })] },
      /records × 2/,
    ],
    ["a reserved label", { signals: [signal({ label: "EDF Annotations" })] }, /another label/],
  ])("%s", (_, change, message) => {
    expect(() => encodeEdf(recording(change))).toThrow(message);
    expect(() => encodeEdf(recording(change))).toThrow(
      expect.objectContaining({ code: expect.any(String) }),
    );
  });
});

test("numbers take the best eight characters", () => {
  const shown = [0, -0, 1, -187.5, 1 / 3, -1 / 3, 12345678, 1234567.8, -1234567.8, 1e-9];
  expect(shown.map((v) => formatNumber("x", v))).toEqual([
    "0",
    "0",
    "1",
    "-187.5",
    "0.333333",
    "-0.33333",
    "12345678",
    "1234568",
    "-1234568",
    "0",
  ]);
});
