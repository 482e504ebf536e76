import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../../errors.ts";
import { type HeaderOptions, parseHeader } from "./header.ts";
import { Complaints } from "./header-fields.ts";

const GOLDEN = join(import.meta.dirname, "../../../../test/golden/edf");

/** The header of a golden file, with some of its bytes replaced. */
function header(name: string, ...changes: readonly (readonly [at: number, text: string])[]) {
  const file = readFileSync(join(GOLDEN, name));
  const bytes = new Uint8Array(file.subarray(0, Number(file.toString("latin1", 184, 192))));
  for (const [at, text] of changes) {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  }
  return bytes;
}

function parse(bytes: Uint8Array, options: HeaderOptions = {}, strict = false) {
  const complaints = new Complaints("a.edf", strict);
  return { ...parseHeader(bytes, complaints, options), warnings: complaints.warnings };
}

test("a plain header is read in full", () => {
  const { warnings, signals, ...rest } = parse(header("plain.edf"));
  expect(warnings).toEqual([]);
  expect(rest).toMatchObject({
    format: "EDF",
    sampleBytes: 2,
    patient: "X X X X",
    startTime: "2021-08-02T10:20:30",
    headerBytes: 768,
    declaredRecords: 4,
    recordDuration: 1,
    recordBytes: 32,
  });
  expect(signals[1]).toMatchObject({
    label: "Fp2",
    unit: "uV",
    physMin: -187.5,
    physMax: 187.5,
    digMin: -32768,
    digMax: 32767,
    samplesPerRecord: 8,
    rate: 8,
    byteOffset: 16,
    isAnnotations: false,
    isCalibrated: true,
  });
});

describe("a field that cannot be read is an error that names file, field and byte", () => {
  // Column offsets for two signals: 256 + before · 2 + 8 · i.
  test.each([
    ["version", 0, "1       "],
    ["header bytes", 184, "512     "],
    ["header bytes", 184, "many    "],
    ["number of data records", 236, "-2      "],
    ["number of data records", 236, "3.5     "],
    ["duration of a data record", 244, "-1      "],
    ["duration of a data record", 244, "NaN     "],
    ["duration of a data record", 244, "Infinity"],
    ["signal 1 of 2: physical minimum", 464, "abc     "],
    ["signal 2 of 2: physical maximum", 488, "NaN     "],
    ["signal 1 of 2: digital minimum", 496, "        "],
    ["signal 2 of 2: digital maximum", 520, "0x10    "],
    ["signal 2 of 2: samples in each data record", 696, "-8      "],
    ["signal 2 of 2: samples in each data record", 696, "1e99    "],
  ])("%s (byte %d): %j", (field, at, text) => {
    const broken = header("plain.edf", [at, text]);
    expect(() => parse(broken)).toThrow(FormatError);
    expect(() => parse(broken)).toThrow(`a.edf: ${field} (byte ${at})`);
  });
});

describe("a calibration without range", () => {
  const samePhysical = header("plain.edf", [464, "5       "], [480, "5       "]);
  const sameDigital = header("plain.edf", [504, "100     "], [520, "100     "]);
  const notANumber = header("plain.edf", [464, "n/a     "]);

  test("is an error that says which signal and why", () => {
    expect(() => parse(samePhysical)).toThrow(/physical minimum and maximum are both 5/);
    expect(() => parse(samePhysical)).toThrow(/"Fp1" cannot be calibrated/);
    expect(() => parse(sameDigital)).toThrow(/signal 2.*digital minimum and maximum are both 100/);
  });

  test("is only a warning where other signals are to be kept", () => {
    for (const [bytes, bad, fault] of [
      [samePhysical, 0, "the physical minimum and maximum are both 5"],
      [sameDigital, 1, "the digital minimum and maximum are both 100"],
      [notANumber, 0, "the physical minimum is not a number"],
    ] as const) {
      const { signals, warnings } = parse(bytes, { badCalibration: "keep" });
      expect(signals.map((s) => s.isCalibrated)).toEqual([0, 1].map((i) => i !== bad));
      expect(signals[bad]!.calibrationFault).toBe(fault);
      expect(warnings.length).toBeGreaterThan(0);
    }
  });
});

describe("departures that leave the meaning clear", () => {
  const departures = [
    ["a decimal comma", [464, "-187,5  "], /decimal point/],
    ["bytes beyond ASCII", [448, "\xb5V      "], /US-ASCII/],
    ["a NUL as padding", [448, "uV\0\0\0\0\0\0"], /US-ASCII/],
    ["a date of another form", [168, "2021-8-2"], /dd.mm.yy/],
    ["a day that does not exist", [168, "31.02.21"], /not a date/],
    ["a date at odds with the recording's", [168, "03.08.21"], /differs from/],
    ["a time that does not exist", [176, "24.00.00"], /not a date/],
    ["a digital range beyond 16 bits", [512, "65535   "], /beyond -32768 to 32767/],
    ["records of no duration", [244, "0       "], /"Fp1" and 1 more have no sampling rate/],
  ] as const;

  test.each(departures)("%s is a warning, and an error when strict", (_, change, message) => {
    const bytes = header("plain.edf", change);
    const { warnings } = parse(bytes);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]!.message).toMatch(message);
    expect(() => parse(bytes, {}, true)).toThrow(message);
  });

  test("a digital range from high to low is one", () => {
    const bytes = header("plain.edf", [504, "100     "], [520, "-100    "]);
    const { warnings, signals } = parse(bytes);
    expect(warnings.map((w) => [w.field, w.offset])).toEqual([
      ["signal 2 of 2: digital minimum", 504],
    ]);
    expect(signals[1]).toMatchObject({ digMin: 100, digMax: -100, isCalibrated: true });
    expect(() => parse(bytes, {}, true)).toThrow(/100 is above the digital maximum, -100/);
  });

  test("text is UTF-8 where its bytes are that, and Latin-1 otherwise", () => {
    const unit = (text: string) => parse(header("plain.edf", [448, text])).signals[0]!.unit;
    expect(unit("\xc2\xb5V     ")).toBe("µV");
    expect(unit("\xce\xbcV     ")).toBe("μV");
    expect(unit("\x83\xcaV     ")).toBe("\x83ÊV");
  });

  test("the values are those that were meant", () => {
    expect(parse(header("plain.edf", [464, "-187,5  "])).signals[0]!.physMin).toBe(-187.5);
    expect(parse(header("plain.edf", [448, "\xb5V      "])).signals[0]!.unit).toBe("µV");
    expect(parse(header("plain.edf", [448, "uV\0\0\0\0\0\0"])).signals[0]!.unit).toBe("uV");
    expect(parse(header("plain.edf", [168, "31.02.21"])).startTime).toBeUndefined();
  });
});

test("two digits of a year reach from 1985 to 2084", () => {
  const year = (two: string) =>
    parse(header("plain.edf", [88, " ".repeat(80)], [168, `02.08.${two}`])).startTime?.slice(0, 4);
  expect(["85", "99", "00", "84"].map(year)).toEqual(["1985", "1999", "2000", "2084"]);
});

test("EDF+ without its identification subfields is a warning", () => {
  const { warnings } = parse(header("continuous.edf", [8, "Jane Doe"]));
  expect(warnings.map((w) => w.field)).toEqual(["patient identification"]);
});
