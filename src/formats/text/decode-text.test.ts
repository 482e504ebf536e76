import { describe, expect, test } from "vitest";
import { decodedText, encodingOf, type TextFaults } from "./decode-text.ts";

/** The text of some bytes that come in pieces, and what is wrong with it. */
async function decoded(
  bytes: Buffer,
  pieceBytes: number,
  encoding = encodingOf(bytes),
): Promise<{ text: string; faults: TextFaults }> {
  const faults: TextFaults = { characters: 0, replaced: 0, controls: 0 };
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  let text = "";
  for await (const part of decodedText(pieces(), encoding, "x.txt", faults)) text += part;
  return { text, faults };
}

const utf16 = (text: string, bigEndian: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};

test("the mark at the beginning names the encoding; without one it is UTF-8", () => {
  expect(encodingOf(utf16("a", false))).toBe("utf-16le");
  expect(encodingOf(utf16("a", true))).toBe("utf-16be");
  expect(encodingOf(Buffer.from("\ufeffa"))).toBe("utf-8");
  expect(encodingOf(Buffer.alloc(0))).toBe("utf-8");
});

describe.each([
  ["UTF-8", (text: string) => Buffer.from(text)],
  ["UTF-16, low byte first", (text: string) => utf16(text, false)],
  ["UTF-16, high byte first", (text: string) => utf16(text, true)],
])("%s", (_, encoded) => {
  test.each([1, 2, 3, 5, 1000])("is the same in pieces of %d bytes", async (pieceBytes) => {
    const text = "zwölf ☃ 😀 and U+FFFD as written: \ufffd.\n";
    const { text: found, faults } = await decoded(encoded(text), pieceBytes);
    expect(found).toBe(text);
    // The replacement character that stands in the text itself is correct.
    expect(faults).toEqual({ characters: text.length, replaced: 0, controls: 0 });
  });
});

test("bytes that do not decode are counted, and replaced", async () => {
  const { text, faults } = await decoded(Buffer.from("caf\xe9 au lait", "latin1"), 4);
  expect(text).toBe("caf\ufffd au lait");
  expect(faults).toMatchObject({ replaced: 1, controls: 0 });
});

test("a character that the end of the file cuts off is one fault", async () => {
  const { text, faults } = await decoded(Buffer.from("a☃").subarray(0, 3), 1);
  expect([text, faults.replaced]).toEqual(["a\ufffd", 1]);
});

test("tabs, line ends and escapes are text; NUL and others are counted", async () => {
  const { faults } = await decoded(Buffer.from("a\tb\r\n\f\v\b\u001b[0m\0\u0001"), 100);
  expect(faults.controls).toBe(2);
});

describe("a file is refused", () => {
  test("when more than ten characters and one in a hundred do not decode", async () => {
    const bad = (faults: number, good: number) =>
      decoded(Buffer.concat([Buffer.alloc(faults, 0xff), Buffer.alloc(good, "a")]), 1e6);
    await expect(bad(10, 0)).resolves.toMatchObject({ faults: { replaced: 10 } });
    await expect(bad(11, 1089)).resolves.toMatchObject({ faults: { replaced: 11 } });
    await expect(bad(11, 1088)).rejects.toThrow(
      "x.txt: it is not text in UTF-8: 11 of its first 1099 characters do not decode.",
    );
  });

  test("when it is full of control characters, as UTF-16 without its mark is", async () => {
    const bytes = Buffer.from("hello, this is text", "utf16le");
    await expect(decoded(bytes, 1e6)).rejects.toMatchObject({
      message: expect.stringContaining("are control characters"),
      hint: expect.stringContaining("UTF-16LE"),
    });
  });
});
