import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { resolveOptions } from "../architecture.ts";
import { tiedFree } from "./tied-free.ts";

const [BATCH, D_IN, D_SAE, L1, LR] = [6, 4, 7, 0.3, 0.01];
const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** The published loss and its gradient, [d_sae, d_in], in float64. */
function formula(x: Float32Array, W: Float64Array) {
  const gradient = new Float64Array(W.length);
  let loss = 0;
  for (let b = 0; b < BATCH; b++) {
    const row = x.subarray(b * D_IN, (b + 1) * D_IN);
    const z = Array.from({ length: D_SAE }, (_, f) =>
      Math.max(
        0,
        row.reduce((sum, v, i) => sum + v * W[f * D_IN + i]!, 0),
      ),
    );
    const left = Array.from(row, (v, i) => z.reduce((s, a, f) => s + a * W[f * D_IN + i]!, -v));
    loss += left.reduce((sum, r) => sum + r * r, 0) / (BATCH * D_IN);
    loss += (L1 * z.reduce((sum, a) => sum + a, 0)) / (BATCH * D_SAE);
    const up = left.map((r) => (2 * r) / (BATCH * D_IN));
    for (let f = 0; f < D_SAE; f++) {
      const dz = up.reduce((s, u, i) => s + u * W[f * D_IN + i]!, L1 / (BATCH * D_SAE));
      for (let i = 0; i < D_IN; i++)
        gradient[f * D_IN + i]! += z[f]! * up[i]! + (z[f]! > 0 ? dz * row[i]! : 0);
    }
  }
  return { loss, gradient };
}

test("trains as the published loss with Adam does, whatever the length of its atoms", async () => {
  const context = { backend: reference, dIn: D_IN, batch: BATCH, shared: new Map() };
  const shape = { dIn: D_IN, dSae: D_SAE };
  const options = resolveOptions(tiedFree, { l1: L1 }, shape);
  const one = tiedFree.create(context, { dSae: D_SAE, options, adam: ADAM });
  await one.initialise({ seed: 3, restart: 0 });
  const W = Float64Array.from(one.dictionary().parameter!);
  // Xavier's bound with PyTorch's gain of ReLU.
  const bound = Math.sqrt((2 * 6) / (D_IN + D_SAE));
  expect(Math.max(...W.map(Math.abs))).toBeLessThanOrEqual(bound);
  expect(Math.max(...W.map(Math.abs))).toBeGreaterThan(bound * 0.8);
  const [m, v] = [new Float64Array(W.length), new Float64Array(W.length)];
  for (let step = 1; step <= 5; step++) {
    const x = normals(`x${step}`, BATCH * D_IN);
    const { loss, gradient } = formula(x, W);
    const found = await one.backward(await one.forward({ x }), { lr: LR });
    expect(found.loss).toBeCloseTo(loss, 5);
    for (const [i, g] of gradient.entries()) {
      m[i] = ADAM.beta1 * m[i]! + (1 - ADAM.beta1) * g;
      v[i] = ADAM.beta2 * v[i]! + (1 - ADAM.beta2) * g * g;
      const spread = Math.sqrt(v[i]! / (1 - ADAM.beta2 ** step)) + ADAM.eps;
      W[i]! -= (LR * m[i]!) / (1 - ADAM.beta1 ** step) / spread;
    }
    expectAllclose(one.dictionary().parameter!, W, { rtol: 1e-3, atol: 1e-4 });
  }
});
