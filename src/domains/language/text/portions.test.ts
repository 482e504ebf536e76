import { describe, expect, test } from "vitest";
import { portionsOf } from "./portions.ts";
import { checkTokens, sliceBatch, type TokenBatch, tokenBatch } from "./token-batch.ts";

/** Windows of these tokens, filled up with 0 to one length. */
function windows(...all: readonly (readonly number[])[]): TokenBatch {
  const positions = Math.max(...all.map((w) => w.length));
  const ids = Int32Array.from(
    all.flatMap((w) => [...w, ...new Array<number>(positions - w.length).fill(0)]),
  );
  const lengths = Int32Array.from(all, (w) => w.length);
  return { ids, batch: all.length, positions, lengths };
}

const shown = (portions: ReturnType<typeof portionsOf>) =>
  portions.map(({ from, windows: n, fed }) => ({
    from,
    windows: n,
    ids: [...fed.ids],
    lengths: fed.lengths && [...fed.lengths],
  }));

describe("a batch for a graph", () => {
  test("that takes anything is one portion, in the same memory", () => {
    const tokens = windows([1, 2, 3], [4]);
    const [only, ...others] = portionsOf(tokens, { seesPadding: false });
    expect(others).toEqual([]);
    expect(only!.fed.ids.buffer).toBe(tokens.ids.buffer);
    expect(shown([only!])).toEqual([
      { from: 0, windows: 2, ids: [1, 2, 3, 4, 0, 0], lengths: [3, 1] },
    ]);
  });

  test("is cut into as many windows as may be at once", () => {
    const tokens = windows([1], [2], [3], [4], [5]);
    expect(shown(portionsOf(tokens, { seesPadding: false }, 2)).map((p) => p.ids)).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ]);
  });

  test("of one size is filled up, the last window repeated and not counted", () => {
    const tokens = windows([1, 2], [3, 4], [5, 6]);
    expect(shown(portionsOf(tokens, { batch: 2, seesPadding: false }))).toEqual([
      { from: 0, windows: 2, ids: [1, 2, 3, 4], lengths: [2, 2] },
      { from: 2, windows: 1, ids: [5, 6, 5, 6], lengths: [2, 2] },
    ]);
  });

  test("of more positions is padded", () => {
    expect(shown(portionsOf(windows([1, 2]), { positions: 4, seesPadding: false }))).toEqual([
      { from: 0, windows: 1, ids: [1, 2, 0, 0], lengths: [2] },
    ]);
  });

  test("that lets padding be seen has only windows of one length at a time", () => {
    const tokens = windows([1, 2, 3], [4, 5, 6], [7], [8, 9]);
    expect(shown(portionsOf(tokens, { seesPadding: true })).map((p) => p.ids)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7],
      [8, 9],
    ]);
  });

  test("that lets padding be seen and takes one length refuses another", () => {
    const demands = { seesPadding: true, positions: 3 };
    expect(portionsOf(windows([1, 2, 3]), demands)).toHaveLength(1);
    expect(() => portionsOf(windows([1, 2, 3], [4]), demands)).toThrow(
      "The model takes windows of exactly 3 tokens and no attention_mask, but a window has 1.",
    );
  });

  test("without lengths has full windows", () => {
    const tokens = tokenBatch(Int32Array.of(1, 2, 3, 4), 2, 2);
    expect(portionsOf(tokens, { seesPadding: true })).toHaveLength(1);
  });
});

describe("token ids", () => {
  test("are a rectangle of at least one", () => {
    expect(() => tokenBatch(Int32Array.of(1, 2, 3), 2, 2)).toThrow("2 × 2 token ids");
    expect(() => tokenBatch(new Int32Array(0), 0, 5)).toThrow("at least one");
  });

  test("are in the vocabulary, and windows no longer than the context", () => {
    const tokens = tokenBatch(Int32Array.of(0, 9, 5, 5), 2, 2);
    expect(() => checkTokens(tokens, 10, 2)).not.toThrow();
    expect(() => checkTokens(tokens, 9, 2)).toThrow("an id from 0 to 8 for token 1");
    expect(() => checkTokens(tokens, 10, 1)).toThrow("at most the model's context of 1 tokens");
    const negative = tokenBatch(Int32Array.of(-1), 1, 1);
    expect(() => checkTokens(negative, undefined, 2)).toThrow("token 0");
  });

  test("of some windows share the memory of all", () => {
    const tokens = windows([1, 2], [3], [4, 5]);
    const part = sliceBatch(tokens, 1, 3);
    expect([[...part.ids], part.batch, [...part.lengths!]]).toEqual([[3, 0, 4, 5], 2, [1, 2]]);
    expect(part.ids.buffer).toBe(tokens.ids.buffer);
    expect(sliceBatch(tokenBatch(Int32Array.of(1), 1, 1), 0, 1)).not.toHaveProperty("lengths");
  });
});
