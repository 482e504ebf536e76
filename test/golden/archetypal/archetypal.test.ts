/** Steps of an archetypal SAE are overcomplete's, with gradients from autograd. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { resolveOptions } from "../../../src/sae/architecture.ts";
import { archetypal } from "../../../src/sae/architectures/archetypal.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));
const [batch, dIn, dSae, centroids] = EXPECTED.shape as [number, number, number, number];
const { k, delta, lr } = EXPECTED;

const arrays = new Map<string, Float32Array>();
beforeAll(async () => {
  const { tensors } = await readSafetensors(join(import.meta.dirname, "arrays.safetensors"));
  for (const [name, { data }] of tensors) arrays.set(name, data as Float32Array);
});

test.each([...backendNames])("on %s", async (name) => {
  const options = resolveOptions(archetypal, { k, centroids, delta }, { dIn, dSae });
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const context = { backend: openNamed(name), dIn, batch, shared: new Map() };
  const sae = archetypal.create(context, { dSae, options, adam });
  await sae.initialise({ seed: 0, restart: 0 });
  const { arrays: own, json } = sae.save();
  for (const [name, values] of Object.entries(own)) {
    const start = arrays.get(`start.${name}`) ?? arrays.get(name);
    if (start) (values as Float32Array).set(start);
  }
  await sae.load({ arrays: own, json });
  const losses: number[] = [];
  for (let step = 0; step < EXPECTED.losses.length; step++) {
    const found = await sae.forward({ x: arrays.get("rows")! });
    losses.push((await sae.backward(found, { lr })).loss);
  }
  expectAllclose(losses, EXPECTED.losses, { rtol: 2e-4 }, "losses");
  for (const part of ["mixture", "relaxation"])
    expectAllclose(
      sae.save().arrays[part] as Float32Array,
      arrays.get(`end.${part}`)!,
      { atol: 1e-3 },
      part,
    );
  expectAllclose(sae.inference().decoder, arrays.get("dictionary")!, { atol: 2e-3 }, "D");
  expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!);
});
