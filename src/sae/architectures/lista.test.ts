import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { resolveOptions } from "../architecture.ts";
import { lista } from "./lista.ts";

const [BATCH, D_IN, D_SAE] = [64, 6, 9];

async function trained(layers: number, steps: number) {
  const context = { backend: reference, dIn: D_IN, batch: BATCH, shared: new Map() };
  const options = resolveOptions(lista, { l1: 0.02, layers }, { dIn: D_IN, dSae: D_SAE });
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const one = lista.create(context, { dSae: D_SAE, options, adam });
  await one.initialise({ seed: 1, restart: 0 });
  const x = normals("rows", BATCH * D_IN);
  let loss = 0;
  for (let step = 0; step < steps; step++)
    ({ loss } = await one.backward(await one.forward({ x }), { lr: 0.01 }));
  return { one, loss, x };
}

test("more steps of sparse coding reach a lower loss, and the atoms keep length one", async () => {
  const [shallow, deep] = [await trained(1, 150), await trained(3, 150)];
  expect(deep.loss).toBeLessThan(shallow.loss);
  const { unit, parameter } = deep.one.dictionary();
  expect(parameter).toBeUndefined();
  for (let f = 0; f < D_SAE; f++)
    expect(Math.hypot(...unit.subarray(f * D_IN, (f + 1) * D_IN))).toBeCloseTo(1, 5);
});
