import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, linesOf, TEXT_CHARACTERS_MAX } from "./lines.ts";

async function lines(pieces: readonly string[]): Promise<Line[]> {
  async function* given() {
    yield* pieces;
  }
  const found: Line[] = [];
  for await (const line of linesOf(given(), "x.txt")) found.push(line);
  return found;
}

const texts = async (...pieces: string[]) => (await lines(pieces)).map((line) => line.text);

test("lines end with a line feed, with or without a carriage return before it", async () => {
  expect(await texts("a\nb\r\nc\n")).toEqual(["a", "b", "c"]);
  expect(await texts("a\r", "\nb")).toEqual(["a", "b"]);
  // A carriage return alone is text.
  expect(await texts("a\rb\n")).toEqual(["a\rb"]);
});

test("empty lines are lines; an empty file has none", async () => {
  expect(await texts("\n\na\n")).toEqual(["", "", "a"]);
  expect(await texts()).toEqual([]);
  expect(await texts("", "")).toEqual([]);
});

test("the last line says whether it was ended", async () => {
  expect(await lines(["a\nb"])).toEqual([
    { text: "a", isEnded: true },
    { text: "b", isEnded: false },
  ]);
});

test("separators that other programs break lines at are text", async () => {
  expect(await texts("a\u2028b\u2029c\u0085d\n")).toEqual(["a\u2028b\u2029c\u0085d"]);
});

test("lines are the same wherever the pieces end", async () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "ü"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (parts, size) => {
      const whole = parts.join("");
      const cut = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.slice(i * size, (i + 1) * size),
      );
      expect(await lines(cut)).toEqual(await lines([whole]));
    }),
    { numRuns: 200, seed: 3 },
  );
});

test("a line longer than can be held is refused before it is", async () => {
  const piece = "x".repeat(TEXT_CHARACTERS_MAX / 4 + 1);
  await expect(lines([piece, piece, piece, piece])).rejects.toMatchObject({
    code: "format/too-large",
    message: `x.txt: a line has more than ${TEXT_CHARACTERS_MAX} characters.`,
  });
});
