/** @file The SAEs of the published organism: their gradients, and how they start and select. */
import { expect, test } from "vitest";
import { PublishedSae } from "../../studies/universality-organism/published-sae.ts";
import { reference } from "../support/backends.ts";
import { normals } from "../support/random.ts";

const [BATCH, D_IN, D_SAE, L1] = [6, 5, 8, 0.3];

async function made(k: number | undefined) {
  const context = { backend: reference, dIn: D_IN, batch: BATCH, shared: new Map() };
  const sae = new PublishedSae(context, { dSae: D_SAE, k, l1: L1 });
  await sae.initialise({ seed: 1, restart: 0 });
  return sae;
}

const x = normals("rows", BATCH * D_IN);

test.each([
  ["TopK", 3, 1],
  ["ReLU", undefined, 0.1],
])(
  "%s starts tied, with atoms of the published length, and without biases",
  async (_, k, length) => {
    const sae = await made(k);
    expect(sae.encoder.value).toEqual(sae.decoder.value);
    for (let at = 0; at < D_SAE * D_IN; at += D_IN)
      expect(Math.hypot(...sae.decoder.value.subarray(at, at + D_IN))).toBeCloseTo(length, 5);
    expect([...sae.encoderBias.value, ...sae.decoderBias.value].every((b) => b === 0)).toBe(true);
  },
);

test("TopK keeps at most k positive scores of a row", async () => {
  const sae = await made(2);
  const { activeRows } = await sae.forward({ x });
  const active = activeRows.reduce((sum, n) => sum + n, 0);
  expect(active).toBeLessThanOrEqual(2 * BATCH);
  expect(active).toBeGreaterThan(BATCH);
});

test.each([
  ["TopK", 3],
  ["ReLU", undefined],
])("gradients of %s are those of finite differences", async (_, k) => {
  const sae = await made(k);
  // Biases of a trained SAE, so that their paths are tested as well.
  sae.encoderBias.value.set(normals("b_enc", D_SAE).map((v) => 0.05 * v));
  sae.decoderBias.value.set(normals("b_dec", D_IN).map((v) => 0.1 * v));
  const loss = async () => {
    await sae.forward({ x });
    return (await sae.gradients()).loss;
  };
  for (const name of ["encoder", "decoder", "encoderBias", "decoderBias"] as const) {
    const { value, gradient } = sae[name];
    for (const i of [0, 3, value.length - 1]) {
      await loss();
      const own = gradient[i]!;
      const before = value[i]!;
      const step = 2e-3;
      value[i] = before + step;
      const above = await loss();
      value[i] = before - step;
      const below = await loss();
      value[i] = before;
      expect(own, `${name} ${i}`).toBeCloseTo((above - below) / (2 * step), 3);
    }
  }
});

test("a few hundred steps lower the loss", async () => {
  const sae = await made(3);
  const losses: number[] = [];
  for (let step = 0; step < 300; step++)
    losses.push((await sae.backward(await sae.forward({ x }), { lr: 1e-2 })).loss);
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
});
