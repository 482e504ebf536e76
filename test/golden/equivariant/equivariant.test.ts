/** Steps of equivariant SAEs and of a group crosscoder are PyTorch's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { resolveOptions } from "../../../src/sae/architecture.ts";
import { equivariant } from "../../../src/sae/architectures/equivariant.ts";
import { groupCrosscoder } from "../../../src/sae/architectures/group-crosscoder.ts";
import type { Trainable } from "../../../src/sae/trainable.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));
const { poses, hidden, k, lr } = EXPECTED;
const [D, D_SAE] = [6, 10];

const arrays = new Map<string, Float32Array>();
beforeAll(async () => {
  const { tensors } = await readSafetensors(join(import.meta.dirname, "arrays.safetensors"));
  for (const [name, { data }] of tensors) arrays.set(name, data as Float32Array);
});

const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
const contextOf = (name: string) => ({
  backend: openNamed(name),
  dIn: D,
  batch: arrays.get("rows")!.length / D,
  shared: new Map(),
  symmetry: { group: "c4", size: poses, matrices: arrays.get("matrices")!, isExact: true },
});

/** Trains from the start of make.py. */
async function trained(sae: Trainable, start: string, steps: number): Promise<number[]> {
  await sae.initialise({ seed: 0, restart: 0 });
  const { arrays: own, json } = sae.save();
  for (const [name, values] of Object.entries(own)) {
    const from = arrays.get(`${start}.${name}`);
    if (from) (values as Float32Array).set(from);
  }
  await sae.load({ arrays: own, json });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const found = await sae.forward({ x: arrays.get("rows")! });
    losses.push((await sae.backward(found, { lr })).loss);
  }
  return losses;
}

const cases = Object.keys(EXPECTED.equivariant).flatMap((name) =>
  [...backendNames].map((backend) => [name, backend] as const),
);

test.each(cases)("equivariant, %s, on %s", async (name, backend) => {
  const { weights, losses } = EXPECTED.equivariant[name];
  const lossWeights = { rec: 0, can: 0, pose: 0, lat: 0, out: 0, mse: 0, ...weights };
  const given = { k, hiddenDim: hidden, lossWeights, auxK: false };
  const options = resolveOptions(equivariant, given, { dIn: D, dSae: D_SAE });
  const sae = equivariant.create(contextOf(backend), { dSae: D_SAE, options, adam });
  expectAllclose(
    await trained(sae, "equivariant", losses.length),
    losses,
    { rtol: 2e-3 },
    "losses",
  );
  expectAllclose(sae.dictionary().unit, arrays.get(`end.${name}`)!, { atol: 5e-3 }, "atoms");
  expect(losses.at(-1)).toBeLessThan(losses[0]);
});

test.each([...backendNames])("group crosscoder on %s", async (backend) => {
  const { losses } = EXPECTED.crosscoder;
  const options = resolveOptions(groupCrosscoder, { k, auxK: false }, { dIn: D, dSae: D_SAE });
  const sae = groupCrosscoder.create(contextOf(backend), { dSae: D_SAE, options, adam });
  expectAllclose(await trained(sae, "crosscoder", losses.length), losses, { rtol: 2e-3 }, "losses");
  expectAllclose(sae.dictionary().unit, arrays.get("end.crosscoder")!, { atol: 5e-3 }, "atoms");
  expect(losses.at(-1)).toBeLessThan(losses[0]);
});
