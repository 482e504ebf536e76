/** Attention against the operations that it is made of, which have golden files of their own. */
import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { nativeIsas, openNamed, reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import * as ops from "../library.ts";

const [SEQUENCES, TOKENS, WIDTH, HEADS] = [3, 5, 8, 2];
const EACH = WIDTH / HEADS;
const SHAPE = [SEQUENCES, TOKENS, WIDTH];

/** The numbers of head h of sequence s, [tokens, width / heads], and the way back. */
function head(all: Float32Array, s: number, h: number): Float32Array {
  const out = new Float32Array(TOKENS * EACH);
  for (let t = 0; t < TOKENS; t++)
    for (let j = 0; j < EACH; j++)
      out[t * EACH + j] = all[(s * TOKENS + t) * WIDTH + h * EACH + j]!;
  return out;
}

test.each(["reference", nativeIsas[0] ?? "reference"])("value and gradients, %s", async (name) => {
  const tape = new ops.Tape(openNamed(name));
  const given = ["q", "k", "v"].map((what) => {
    const made = tape.parameter(SHAPE);
    made.value.set(normals(what, made.length));
    return made;
  });
  const [q, k, v] = given as [ops.TapeTensor, ops.TapeTensor, ops.TapeTensor];
  const out = ops.attention(q, k, v, HEADS);
  const weights = tape.constant(SHAPE, normals("w", out.length));
  const loss = ops.sum(ops.multiply(out, weights));
  for (let pass = 0; pass < 2; pass++) {
    await tape.forward();
    await tape.backward(loss);
  }
  for (let s = 0; s < SEQUENCES; s++)
    for (let h = 0; h < HEADS; h++) {
      const own = new ops.Tape(reference);
      const parts = given.map((x) => own.parameter([TOKENS, EACH], head(x.value, s, h)));
      const [a, b, c] = parts as [ops.TapeTensor, ops.TapeTensor, ops.TapeTensor];
      const scores = ops.scale(ops.matmul(a, b, { transposeB: true }), 1 / Math.sqrt(EACH));
      const mixed = ops.matmul(ops.softmax(scores), c);
      const w = own.constant([TOKENS, EACH], head(weights.value, s, h));
      const partLoss = ops.sum(ops.multiply(mixed, w));
      await own.forward();
      await own.backward(partLoss);
      expectAllclose(head(out.value, s, h), mixed.value, { atol: 1e-6 }, "value");
      for (const [i, part] of parts.entries())
        expectAllclose(head(given[i]!.gradient!.sum, s, h), part.gradient!.sum, { atol: 1e-5 });
    }
});

test("heads that do not share the width, and keys of another shape, are refused", () => {
  const tape = new ops.Tape(reference);
  const x = tape.input(SHAPE);
  expect(() => ops.attention(x, x, x, 3)).toThrow(
    "[attention] Expected a width that 3 heads share but received [3, 5, 8].",
  );
  expect(() => ops.attention(x, tape.input([3, 4, 8]), x, 2)).toThrow(
    "[attention] Expected keys [3, 5, 8] but received [3, 4, 8].",
  );
});
