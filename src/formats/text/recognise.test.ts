import { expect, test } from "vitest";
import { SIGNATURES } from "../signatures.ts";
import { requireText } from "./recognise.ts";

test("every format that is known not to be text is named, with what to do", () => {
  for (const { name, magic, asText } of SIGNATURES)
    for (const [bytes, at = 0] of magic) {
      const head = Buffer.from("\0".repeat(at) + bytes, "latin1");
      const read = () => requireText(head, "x.txt");
      if (asText === undefined) expect(read).not.toThrow();
      else expect(read).toThrow(`x.txt: it is ${name}, not text.`);
    }
});

test("text that begins like numbers, words or a header of another format is text", () => {
  for (const text of [
    "0       1",
    "ORCHIDS",
    "RIFF on it",
    "GIF87",
    "MATLAB is",
    "",
    "\ufeffHello",
  ])
    expect(() => requireText(Buffer.from(text), "x.txt")).not.toThrow();
});
