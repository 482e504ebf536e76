import { expect, test } from "vitest";
import {
  decodeDigital,
  decodePhysical,
  digitalRange,
  encodeSample,
  gainOf,
  sampleAt,
} from "./samples.ts";

test("16-bit samples are little-endian two's complement", () => {
  const bytes = Uint8Array.of(0x00, 0x80, 0xff, 0xff, 0x01, 0x00, 0xff, 0x7f);
  expect([0, 2, 4, 6].map((at) => sampleAt(bytes, at, 2))).toEqual([-32768, -1, 1, 32767]);
});

test("24-bit samples are little-endian two's complement", () => {
  const bytes = Uint8Array.of(
    0x00,
    0x00,
    0x80,
    0xff,
    0xff,
    0xff,
    0x01,
    0x00,
    0x00,
    0xff,
    0xff,
    0x7f,
  );
  expect([0, 3, 6, 9].map((at) => sampleAt(bytes, at, 3))).toEqual([-8388608, -1, 1, 8388607]);
});

test.each([2, 3] as const)("every end of the range survives %d bytes", (width) => {
  const bytes = new Uint8Array(width + 1);
  for (const value of [...digitalRange(width), 0, -1, 1, -257, 4096]) {
    encodeSample(bytes, 1, width, value);
    expect(sampleAt(bytes, 1, width)).toBe(value);
  }
});

test("calibration maps the digital ends to the physical ends", () => {
  // 200 / 4000 = 0.05 per step: 0 ↦ −100 + 2000 · 0.05 = 0.
  const calibration = { physMin: -100, physMax: 100, digMin: -2000, digMax: 2000 };
  expect(gainOf(calibration)).toBe(0.05);
  const bytes = new Uint8Array(6);
  for (const [i, v] of [-2000, 0, 2000].entries()) encodeSample(bytes, 2 * i, 2, v);
  const out = new Float64Array(4);
  decodePhysical(bytes, 0, 2, calibration, out, 1, 3);
  expect([...out]).toEqual([0, -100, 0, 100]);
});

test("values beyond the digital range are calibrated like all others", () => {
  const bytes = new Uint8Array(2);
  encodeSample(bytes, 0, 2, 30);
  const out = new Float64Array(1);
  decodePhysical(bytes, 0, 2, { physMin: 0, physMax: 1, digMin: 0, digMax: 10 }, out, 0, 1);
  expect(out[0]).toBeCloseTo(3, 12);
  const digital = new Int32Array(2);
  decodeDigital(bytes, 0, 2, digital, 1, 1);
  expect([...digital]).toEqual([0, 30]);
});
