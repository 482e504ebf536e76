import { expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { resolveOptions } from "../architecture.ts";
import { tiedThresholding } from "./tied-thresholding.ts";

const [BATCH, D_IN, D_SAE, L1, LR] = [6, 4, 7, 0.02, 0.01];
const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
const shape = { dIn: D_IN, dSae: D_SAE };

/** The parameters after one another: E [d_sae, d_in], a [d_sae], g [d_sae]. */
type Parameters = Float64Array;

/** The published loss as it is written there, in float64. */
function published(x: Float32Array, p: Parameters): number {
  const relu6 = (v: number) => Math.min(6, Math.max(0, v));
  const [a, g] = [p.subarray(D_SAE * D_IN, D_SAE * (D_IN + 1)), p.subarray(D_SAE * (D_IN + 1))];
  let loss = 0;
  for (let b = 0; b < BATCH; b++) {
    const row = x.subarray(b * D_IN, (b + 1) * D_IN);
    const left = Array.from(row, (v) => -v);
    for (let f = 0; f < D_SAE; f++) {
      const e = p.subarray(f * D_IN, (f + 1) * D_IN);
      const length = Math.hypot(...e);
      const square = Math.max(1e-8, a[f]! ** 2);
      const score = row.reduce((sum, v, j) => sum + (v * e[j]!) / length, 0);
      const c = (score + g[f]!) / square;
      const z = (relu6(60 * (c - 0.9)) / 6 + Math.max(0, c - 1)) * square;
      loss += (L1 * Math.abs(z)) / BATCH;
      for (let j = 0; j < D_IN; j++) left[j]! += (z * e[j]!) / length;
    }
    loss += left.reduce((sum, v) => sum + v * v, 0) / (BATCH * D_IN);
  }
  return loss;
}

/** Central differences. */
function gradientOf(x: Float32Array, p: Parameters): Float64Array {
  return p.map((value, i) => {
    const at = (shift: number) => published(x, p.with(i, value + shift));
    return (at(1e-6) - at(-1e-6)) / 2e-6;
  });
}

test("trains as the published loss with Adam does", async () => {
  const context = { backend: reference, ...shape, batch: BATCH, shared: new Map() };
  const options = resolveOptions(tiedThresholding, { l1: L1, initialThreshold: 0.5 }, shape);
  const one = tiedThresholding.create(context, { dSae: D_SAE, options, adam: ADAM });
  await one.initialise({ seed: 3, restart: 0 });
  const { tensors } = one.inference().ownEncoder!;
  expect([...tensors.keys()]).toEqual(["decoder", "scale", "gain"]);
  const now = () => Float64Array.from([...tensors.values()].flatMap(({ data }) => [...data]));
  const start = now();
  expectAllclose(start.subarray(D_SAE * D_IN, -D_SAE), new Array(D_SAE).fill(Math.SQRT1_2), {
    rtol: 1e-6,
  });
  const [m, v] = [new Float64Array(start.length), new Float64Array(start.length)];
  for (let step = 1; step <= 5; step++) {
    const x = normals(`x${step}`, BATCH * D_IN);
    const p = now();
    const gradient = gradientOf(x, p);
    const found = await one.backward(await one.forward({ x }), { lr: LR });
    expect(found.loss).toBeCloseTo(published(x, p), 5);
    expect(found.l0).toBeGreaterThan(0.5);
    const next = p.map((value, i) => {
      m[i] = ADAM.beta1 * m[i]! + (1 - ADAM.beta1) * gradient[i]!;
      v[i] = ADAM.beta2 * v[i]! + (1 - ADAM.beta2) * gradient[i]! ** 2;
      const spread = Math.sqrt(v[i]! / (1 - ADAM.beta2 ** step)) + ADAM.eps;
      return value - (LR * m[i]!) / (1 - ADAM.beta1 ** step) / spread;
    });
    expectAllclose(now(), next, { rtol: 1e-3, atol: 2e-4 });
  }
  const moved = now().map((value, i) => Math.abs(value - start[i]!));
  expect(Math.max(...moved.subarray(D_SAE * D_IN, -D_SAE))).toBeGreaterThan(0.01);
});

test("a threshold of 0, which could not learn, is refused", () => {
  expect(() => resolveOptions(tiedThresholding, { initialThreshold: 0 }, shape)).toThrow(
    "Expected a number above 0, where it can learn for initialThreshold",
  );
});
