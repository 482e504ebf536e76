/**
 * A sample of what `model-json-run.ts` does a million times, and the inputs that were found by it.
 */
import { expect, test } from "vitest";
import { parseJsonObject } from "../../src/domains/language/models/checkpoint.ts";
import { TimeIsUp, withinTime } from "../../src/domains/language/text/limited-time.ts";
import { makeTokenizer } from "../../src/domains/language/text/tokenizer.ts";
import type { Seed } from "./corpus.ts";
import { type Kind, targetOf } from "./model-json.ts";
import { survives } from "./survives.ts";

test.each(["tokenizer", "config"] as Kind[])("damaged %s.json files", async (kind) => {
  const target = await targetOf(kind);
  const inputs = Array.from({ length: 300 }, (_, n): Seed => [`${kind} ${n}`, target.input(n)]);
  const survival = await survives(inputs, (bytes) => target.run(bytes));
  expect(survival.parsed).toBeGreaterThan(20);
  expect(survival.refused).toBeGreaterThan(100);
});

const PLAIN = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: "BPE", vocab: { a: 0 }, merges: [] },
};
const made = (changes: object, time = { making: 500, encoding: 200 }) =>
  makeTokenizer({ ...PLAIN, ...changes }, {}, {}, "tokenizer.json", time);
const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });

test("an expression that never ends is broken off, and tokenising goes on afterwards", () => {
  const endless = {
    type: "Split",
    pattern: { Regex: "(a+)+$" },
    behavior: "Isolated",
    invert: false,
  };
  const tokenizer = made({ pre_tokenizer: endless });
  const start = performance.now();
  expect(() => tokenizer.encode(`${"a".repeat(50)}!`)).toThrow(
    /^tokenizer\.json: this kind of tokenizer cannot be used \(it took longer than 0\.2\d* s\)$/,
  );
  expect(performance.now() - start).toBeLessThan(5000);
  expect([...made({}).encode("a")]).toEqual([0]);
});

test.each([
  [
    { normalizer: replace({ Regex: "" }, "x".repeat(100)) },
    /its normalizer could make a text 101 times as long/,
  ],
  [
    {
      normalizer: {
        type: "Sequence",
        normalizers: Array(9).fill(replace({ String: "a" }, "aaaa")),
      },
    },
    /its normalizer could make a text 262144 times as long/,
  ],
  [
    { normalizer: replace({ Reg: "" }, "x") },
    /expected a pattern of a String or a Regex but found {"Reg":""}/,
  ],
  [
    { pre_tokenizer: { type: "Split" } },
    /pre_tokenizer: expected a pattern of a String or a Regex but found undefined/,
  ],
  [
    {
      model: {
        type: "Unigram",
        unk_id: 0,
        vocab: [
          ["<unk>", 0],
          [7, 0],
        ],
      },
    },
    /expected text and a score for piece 1 of the vocabulary but found \[7,0\]/,
  ],
  [{ added_tokens: [{ id: 1, content: 7 }] }, /expected text for an added token but found {"id":1/],
  [
    { model: { type: "BPE", vocab: { a: 2 ** 40 }, merges: [] } },
    /expected an id from 0 to 2097152/,
  ],
])("%j is refused before it is used", (changes, message) => {
  expect(() => made(changes)).toThrow(message);
});

test("JSON that is nested too deep is refused, brackets in strings not counted", () => {
  const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(() => parseJsonObject(deep, "config.json")).toThrow(
    /^config\.json: nested deeper than 256 levels$/,
  );
  const text = JSON.stringify({ a: `\\"${"[".repeat(1000)}` });
  expect(parseJsonObject(text, "config.json")).toEqual(JSON.parse(text));
});

test("work within a time gives its result, or its own error", () => {
  expect(withinTime(1000, () => withinTime(10, () => 7))).toBe(7);
  expect(() => withinTime(1000, () => { throw new TypeError("own"); })).toThrow("own"); // biome-ignore format: short
  expect(() => withinTime(50, () => { for (;;); })).toThrow(TimeIsUp); // biome-ignore format: short
});
