import { join } from "node:path";
import { expect, test } from "vitest";
import { describeEdf, edfInfo, edfInfoJson } from "./info.ts";
import { openEdfBytes } from "./open-edf.ts";
import { encodeEdf } from "./write-edf.ts";

const GOLDEN = join(import.meta.dirname, "../../../../test/golden/edf");

function recording(samples: Float64Array, physMin: number, physMax: number) {
  return encodeEdf({
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: [
      {
        label: "Cz",
        unit: "uV",
        physMin,
        physMax,
        digMin: -32768,
        digMax: 32767,
        samplesPerRecord: 4,
        samples: { physical: samples },
      },
    ],
  });
}

test("minimum, maximum and mean are of the decoded samples, not of the header", async () => {
  const bytes = recording(Float64Array.of(-10, 20, 0, 30, -40, 0, 0, 0), -32768, 32767);
  const { channels } = await describeEdf(await openEdfBytes(bytes));
  // Sum 0 over 8 samples.
  expect(channels[0]).toMatchObject({ min: -40, max: 30, mean: 0, samples: 8, rate: 4 });
  expect(channels[0]).toMatchObject({ physicalMinimum: -32768, physicalMaximum: 32767 });
});

test("JSON is snake_case and has null for what is not there", async () => {
  const json = edfInfoJson(await edfInfo(join(GOLDEN, "zero-samples.edf"))) as {
    channels: Record<string, unknown>[];
  };
  expect(Object.keys(json)).toEqual([
    "file",
    "bytes",
    "format",
    "patient",
    "recording",
    "patient_fields",
    "recording_fields",
    "start_time",
    "header_bytes",
    "records",
    "duration",
    "channels",
    "gaps",
    "annotations",
    "truncated",
    "warnings",
  ]);
  expect(json.channels[1]).toMatchObject({
    label: "empty",
    samples_per_record: 0,
    samples: 0,
    rate: 0,
    min: null,
    mean: null,
  });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

test("a channel without calibration is listed with a warning", async () => {
  const bytes = recording(new Float64Array(4), -1, 1);
  bytes.set(new TextEncoder().encode("1       "), 256 + 104);
  const info = await describeEdf(await openEdfBytes(bytes, { badCalibration: "keep" }));
  expect(info.channels[0]).toMatchObject({ label: "Cz", samples: 4, mean: null });
  expect(info.warnings[0]!.message).toMatch(/cannot be calibrated/);
});
