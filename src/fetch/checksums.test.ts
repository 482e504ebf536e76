import { expect, test } from "vitest";
import { parseSha256Sums } from "./checksums.ts";

test("sums are read with one space as PhysioNet writes them, or two, or an asterisk", () => {
  const [a, b, c] = ["a", "b", "C"].map((digit) => digit.repeat(64));
  const text = `${a} S001/S001R01.edf\r\n${b}  ./with space.edf\n${c} *bin\n\nnot a sum\n${a}x y\n`;
  expect([...parseSha256Sums(text)]).toEqual([
    ["S001/S001R01.edf", a],
    ["with space.edf", b],
    ["bin", "c".repeat(64)],
  ]);
});
