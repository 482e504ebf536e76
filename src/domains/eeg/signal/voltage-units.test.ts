import { describe, expect, test } from "vitest";
import { decodeText } from "../edf/header-fields.ts";
import { microvoltsPer } from "./voltage-units.ts";

test.each([
  [1, ["uV", "UV", "uv", " u V ", "u", "µ", "microV", "MICROVOL", "Microvolts", "micro-volt"]],
  [1, ["(uV)", "[µV]", "uV.", "?V", "mkV", "мкВ", "ｕＶ", "µVolt", "uVolts", ""]],
  [1e3, ["mV", "MV", "m V", "millivol", "milliVolts", "мВ"]],
  [1e6, ["V", "v", "Volt", "volts"]],
  [1e-3, ["nV", "NV", "nanovolt"]],
])("%d µV: %j", (factor, spellings) => {
  expect(spellings.map((unit) => [unit, microvoltsPer(unit)])).toEqual(
    spellings.map((unit) => [unit, factor]),
  );
});

/** The bytes that encodings of the world have for µ or μ, as Python 3's codecs write them. */
const MU: Readonly<Record<string, readonly number[]>> = {
  "Latin-1, Windows, Mac Roman": [0xb5],
  "UTF-8 µ": [0xc2, 0xb5],
  "UTF-8 μ": [0xce, 0xbc],
  "UTF-8 of Latin-1 of UTF-8": [0xc3, 0x82, 0xc2, 0xb5],
  "UTF-8 replacement character": [0xef, 0xbf, 0xbd],
  "code pages 437, 850, 860 …": [0xe6],
  "code page 737": [0xa3],
  "code page 1253, ISO 8859-7": [0xec],
  "Mac Greek": [0xed],
  "HP Roman-8": [0xf3],
  "Shift-JIS": [0x83, 0xca],
  "EUC-JP, GBK": [0xa6, 0xcc],
  "EUC-KR": [0xa5, 0xec],
  Big5: [0xa3, 0x67],
  Johab: [0xdb, 0x7c],
  GB18030: [0x81, 0x30, 0x85, 0x38],
};

describe("µ in any encoding is micro", () => {
  test.each(Object.entries(MU))("%s", (_, bytes) => {
    expect(microvoltsPer(decodeText(Uint8Array.of(...bytes, 0x56)))).toBe(1);
    expect(microvoltsPer(decodeText(Uint8Array.of(...bytes, 0x76)))).toBe(1);
  });

  test("UTF-16", () => {
    expect(microvoltsPer(decodeText(Uint8Array.of(0xb5, 0, 0x56, 0)))).toBe(1);
  });
});

test.each(["degC", "%", "mmHg", "°C", "bpm", "uA", "Ohm", "uV/Hz", "uV^2", "0.1uV", "DIV", "kV"])(
  "%j is another quantity",
  (unit) => {
    expect(microvoltsPer(unit)).toBeUndefined();
  },
);
