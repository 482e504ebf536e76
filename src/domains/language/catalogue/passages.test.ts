import { describe, expect, test } from "vitest";
import { inTurn, passagesOf } from "./passages.ts";

const sentence = (i: number) => `Sentence ${i} is ${"so ".repeat(30)}long.`;
const long = (sentences: number) => Array.from({ length: sentences }, (_, i) => sentence(i));

describe("passages of a text", () => {
  test("are whole sentences, and all of them", () => {
    const passages = passagesOf(long(200).join(" "));
    expect(passages.length).toBeGreaterThan(3);
    for (const passage of passages) expect(passage).toMatch(/^Sentence .*long\.$/);
    expect(passages.join(" ")).toBe(long(200).join(" "));
  });

  test("are of about one length, a short rest among them", () => {
    for (const sentences of [40, 60, 80, 100, 200])
      for (const { length } of passagesOf(long(sentences).join("\n"))) {
        expect(length).toBeGreaterThan(2000);
        expect(length).toBeLessThan(6200);
      }
  });

  test("of a short text are the text, and of none there are none", () => {
    expect(passagesOf(" One. Two. ")).toEqual(["One. Two."]);
    expect(passagesOf(" \n")).toEqual([]);
  });
});

describe("passages in turn", () => {
  const books = ["a", "b", "c", "d", "e", "f", "g"];
  const speeches = ["1", "2", "3", "4"];

  test("come from each collection equally often, none twice", () => {
    const mixed = inTurn([books, speeches], 0);
    expect(mixed).toHaveLength(8);
    expect(new Set(mixed).size).toBe(8);
    for (const [i, passage] of mixed.entries())
      expect(i % 2 === 0 ? books : speeches).toContain(passage);
  });

  test("depend on the seed alone", () => {
    expect(inTurn([books, speeches], 0)).toEqual(inTurn([books, speeches], 0));
    expect(inTurn([books, speeches], 0)).not.toEqual(inTurn([books, speeches], 1));
  });
});
