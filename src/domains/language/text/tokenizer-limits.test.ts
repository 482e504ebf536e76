import { describe, expect, test } from "vitest";
import { requireTokenizerLimits } from "./tokenizer-limits.ts";

const check = (json: Record<string, unknown>) => () =>
  requireTokenizerLimits({ model: { vocab: { a: 0 } }, ...json }, "tokenizer.json");

test("a usual tokenizer passes", () => {
  expect(
    check({
      added_tokens: [{ id: 1, content: "<s>" }],
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: "▁" },
          { type: "Replace", pattern: { String: " " }, content: "▁" },
        ],
      },
      pre_tokenizer: { type: "Split", pattern: { Regex: "\\s" } },
    }),
  ).not.toThrow();
});

describe("ids", () => {
  test.each([
    [{ a: -1 }, "token a but found -1"],
    [{ a: 0.5 }, "token a but found 0.5"],
    [{ a: "0" }, 'token a but found "0"'],
    [{ a: null }, "token a but found null"],
    [{ a: 2 ** 21 + 1 }, "expected an id from 0 to 2097152"],
  ])("of a vocabulary are refused: %j", (vocab, message) => {
    expect(check({ model: { vocab } })).toThrow(message);
  });

  test("of added tokens are refused as well, and their texts", () => {
    expect(check({ added_tokens: [{ id: 2 ** 30, content: "<x>" }] })).toThrow("token <x>");
    expect(check({ added_tokens: [{ id: 1 }] })).toThrow("expected text for an added token");
    expect(check({ added_tokens: [null] })).toThrow("expected text for an added token");
  });

  test("up to the largest that any vocabulary has pass", () => {
    expect(check({ model: { vocab: { a: 2 ** 21 } } })).not.toThrow();
  });
});

test.each([[["a"]], [[1, 2]], [["a", "0"]], ["a"], [null]])(
  "the scored piece %j is refused",
  (piece) => {
    expect(check({ model: { vocab: [["ok", 0], piece] } })).toThrow(
      "expected text and a score for piece 1 of the vocabulary",
    );
  },
);

describe("texts that could grow beyond measure", () => {
  const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
  const growing = (...parts: object[]) => check({ normalizer: { normalizers: parts } });

  test("are refused, one part by the other", () => {
    expect(growing(replace({ Regex: "" }, "x".repeat(62)))).not.toThrow();
    expect(growing(replace({ Regex: "" }, "x".repeat(64)))).toThrow(
      "its normalizer could make a text 65 times as long; 64 times is the most",
    );
    // Nine times nine.
    const nine = replace({ Regex: "x" }, "y".repeat(8));
    expect(growing(nine, nine)).toThrow("81 times as long");
    expect(growing({ type: "Prepend", prepend: "p".repeat(64) })).toThrow("65 times as long");
  });

  test("count a text by its own length, and an empty one between all characters", () => {
    expect(growing(replace({ String: "ab" }, "c".repeat(100)))).not.toThrow();
    expect(growing(replace({ String: "ab" }, "c".repeat(130)))).toThrow("65 times");
    expect(growing(replace({ String: "" }, "c".repeat(64)))).toThrow("65 times");
  });

  test("are looked for in the pre-tokenizer and the decoder too", () => {
    const part = replace({ String: "a" }, "b".repeat(65));
    for (const stage of ["pre_tokenizer", "decoder"])
      expect(check({ [stage]: part })).toThrow(`its ${stage} could make`);
  });

  test("and shrinking makes no room for them", () => {
    const half = replace({ String: "aa" }, "a");
    const grow = replace({ String: "a" }, "b".repeat(65));
    expect(growing(half, grow)).toThrow("65 times");
  });
});

test("a pattern that is neither a text nor an expression is refused by its stage", () => {
  const part = { type: "Replace", pattern: { Other: 1 }, content: "x" };
  expect(check({ decoder: part })).toThrow(
    'tokenizer.json, decoder: expected a pattern of a String or a Regex but found {"Other":1}',
  );
  expect(check({ pre_tokenizer: { type: "Split" } })).toThrow("tokenizer.json, pre_tokenizer");
});

test("what has no model is not a tokenizer", () => {
  expect(check({ model: null })).toThrow('not a tokenizer: no "model" in it');
});
