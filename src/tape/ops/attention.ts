/** @file Scaled dot-product attention. */

import type { Gemm } from "../../backend/backend.ts";
import { showShape } from "../../base/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { requireAxes, requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";
import { softmaxRow } from "./softmax.ts";

/**
 * softmax(Q Kᵀ / √(width / heads)) V per sequence and head, without a mask; Vaswani et al. 2017,
 * arXiv:1706.03762. Head h has the columns [h · width / heads, (h + 1) · width / heads).
 *
 * @param q [sequences, tokens, width]
 * @param k as q
 * @param v as q
 * @param heads divides the width.
 * @returns [sequences, tokens, width]: the heads side by side.
 * @throws {ShapeError} when they do not fit.
 */
export function attention(q: TapeTensor, k: TapeTensor, v: TapeTensor, heads: number): TapeTensor {
  requireAxes("attention", "queries", q, 3);
  requireShape("attention", "keys", k, q.shape);
  requireShape("attention", "values", v, q.shape);
  const [sequences, tokens, width] = q.shape as [number, number, number];
  const each = width / heads;
  if (!Number.isInteger(heads) || heads < 1 || !Number.isInteger(each))
    throw new ShapeError("attention", `a width that ${heads} heads share`, showShape(q.shape));
  const { tape } = q;
  const { backend } = tape;
  const blocks = sequences * heads;
  const alpha = 1 / Math.sqrt(each);
  return tape.record(q.shape, [q, k, v], (out) => {
    // Per head in one piece, as products need it.
    const [ofQ, ofK, ofV] = [q, k, v].map(({ length }) => tape.float32(length)) as Three;
    const [toQ, toK, toV] = [q, k, v].map(({ length }) => tape.float32(length)) as Three;
    const shares = tape.float32(blocks * tokens * tokens);
    const towards = tape.float32(shares.length);
    const mixed = tape.float32(out.length);
    const copy = (x: Float32Array, perHead: Float32Array) =>
      eachLine(q.shape, heads, (at, to) => {
        for (let j = 0; j < each; j++) perHead[to + j] = x[at + j]!;
      });
    const addBack = (perHead: Float32Array, x: TapeTensor) => {
      const to = x.gradient?.added();
      if (to)
        eachLine(q.shape, heads, (at, from) => {
          for (let j = 0; j < each; j++) to[at + j]! += perHead[from + j]!;
        });
    };
    const long = { n: each, k: tokens };
    const square = { n: tokens, k: each, transposeB: true };
    const perBlock = (a: Float32Array, b: Float32Array, c: Float32Array, sizes: Sizes): Gemm[] =>
      Array.from({ length: blocks }, (_, i) => {
        const part = (x: Float32Array) =>
          x.subarray((i * x.length) / blocks, ((i + 1) * x.length) / blocks);
        return { a: part(a), b: part(b), c: part(c), m: tokens, ...sizes };
      });
    const run = async (products: readonly Gemm[]) => {
      for (const product of products) await backend.gemm(product);
    };
    // Made in the first pass, because a plan records without memory.
    const products = () => ({
      scores: perBlock(ofQ, ofK, shares, { ...square, alpha }),
      mixing: perBlock(shares, ofV, mixed, long),
      ofValues: perBlock(shares, mixed, toV, { ...long, transposeA: true }),
      ofShares: perBlock(mixed, ofV, towards, square),
      ofQueries: perBlock(towards, ofK, toQ, { ...long, alpha }),
      ofKeys: perBlock(towards, ofQ, toK, { ...long, alpha, transposeA: true }),
    });
    let made: ReturnType<typeof products> | undefined;
    return {
      async forward() {
        made ??= products();
        copy(q.value, ofQ);
        copy(k.value, ofK);
        copy(v.value, ofV);
        await run(made.scores);
        for (let at = 0; at < shares.length; at += tokens) softmaxRow(shares, shares, at, tokens);
        await run(made.mixing);
        eachLine(q.shape, heads, (at, from) => {
          for (let j = 0; j < each; j++) out.value[at + j] = mixed[from + j]!;
        });
      },
      async backward() {
        // The value is out.value; its place takes the gradient.
        copy(out.gradient!.sum, mixed);
        await run(made!.ofValues);
        await run(made!.ofShares);
        for (let at = 0; at < shares.length; at += tokens)
          softmaxGradient(shares, towards, at, tokens);
        await run(made!.ofQueries);
        await run(made!.ofKeys);
        addBack(toQ, q);
        addBack(toK, k);
        addBack(toV, v);
      },
    };
  });
}

type Three = [Float32Array, Float32Array, Float32Array];
type Sizes = Omit<Gemm, "a" | "b" | "c" | "m">;

/**
 * Calls `each` with the first element of every token's part of every head: in [sequences, tokens,
 * width] and in [sequences, heads, tokens, width / heads].
 */
function eachLine(
  shape: readonly number[],
  heads: number,
  each: (at: number, perHead: number) => void,
): void {
  const [sequences, tokens, width] = shape as [number, number, number];
  const columns = width / heads;
  for (let s = 0; s < sequences; s++)
    for (let h = 0; h < heads; h++)
      for (let t = 0; t < tokens; t++)
        each((s * tokens + t) * width + h * columns, ((s * heads + h) * tokens + t) * columns);
}

/** The gradient of a softmax's input from that of its value `p`, in place, for one row. */
function softmaxGradient(p: Float32Array, g: Float32Array, at: number, columns: number): void {
  let along = 0;
  for (let j = at; j < at + columns; j++) along += g[j]! * p[j]!;
  for (let j = at; j < at + columns; j++) g[j] = p[j]! * (g[j]! - along);
}
