/** The group crosscoder: its blocks come to decode the poses of what one code says. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { orbitRows, quarterTurns } from "../../../test/support/orbits.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadSae, saveSae } from "../../interchange/saelens.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import { matricesOf } from "../../symmetry/action.ts";
import { groupNamed } from "../../symmetry/named-groups.ts";
import { resolveOptions } from "../architecture.ts";
import { groupCrosscoder, posesOfProducts } from "./group-crosscoder.ts";

const [D, D_SAE, ORBITS] = [6, 20, 10];
const C4 = quarterTurns(D);

test("poses are multiplied as the group multiplies its elements", () => {
  expect(posesOfProducts(C4, D)).toEqual(groupNamed("c4").products);
  const d4 = groupNamed("d4");
  const [r, f] = [Float64Array.of(0, -1, 1, 0), Float64Array.of(1, 0, 0, -1)];
  const symmetry = { group: "d4", size: 8, matrices: matricesOf(d4, [r, f], 2), isExact: true };
  expect(posesOfProducts(symmetry, 2)).toEqual(d4.products);
  const still = { ...C4, matrices: new Float32Array(C4.matrices.length) };
  expect(() => posesOfProducts(still, D)).toThrow("do not act as a group");
  // Fitted to rows that vary in few directions, matrices do not act as the group everywhere.
  const { products } = groupNamed("c4");
  const options = resolveOptions(groupCrosscoder, { k: 4 }, { dIn: D, dSae: D_SAE });
  const context = { backend: reference, dIn: D, batch: 8, shared: new Map() };
  const made = (symmetry: Symmetry) =>
    groupCrosscoder.create(
      { ...context, symmetry },
      { dSae: D_SAE, options, adam: { beta1: 0.9, beta2: 0.999, eps: 1e-8 } },
    );
  expect(() => made(still)).toThrow("do not act as a group");
  expect(made({ ...still, products }).dSae).toBe(D_SAE);
});

test("blocks decode the other poses, and its folder keeps them", async () => {
  const rows = orbitRows(C4, D, ORBITS);
  const shape = { dIn: D, dSae: D_SAE };
  const options = resolveOptions(groupCrosscoder, { k: 4, auxK: false }, shape);
  const context = {
    backend: reference,
    dIn: D,
    batch: 4 * ORBITS,
    shared: new Map(),
    symmetry: C4,
  };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const sae = groupCrosscoder.create(context, { dSae: D_SAE, options, adam });
  await sae.initialise({ seed: 0, restart: 0 });
  await sae.fitTo(rows);
  const first = (await sae.backward(await sae.forward({ x: rows }), { lr: 0 })).loss;
  let last = first;
  for (let step = 0; step < 80; step++)
    last = (await sae.backward(await sae.forward({ x: rows }), { lr: 0.02 })).loss;
  expect(last).toBeLessThan(0.25 * first);
  // Block k is M_k times the first block, for latents that are used.
  const { unit } = sae.dictionary();
  const { arrays } = sae.save();
  const block = arrays["block_1"]!;
  const { activeRows } = await sae.forward({ x: rows });
  let [dot, of, own] = [0, 0, 0];
  for (let f = 0; f < D_SAE; f++) {
    if (activeRows[f]! < 8) continue;
    for (let i = 0; i < D; i++) {
      let turned = 0;
      for (let j = 0; j < D; j++) turned += C4.matrices[(D + i) * D + j]! * unit[f * D + j]!;
      dot += turned * block[f * D + i]!;
      of += block[f * D + i]! ** 2;
      own += turned ** 2;
    }
  }
  expect(dot / Math.sqrt(of * own)).toBeGreaterThan(0.6);
  const folder = join(temporaryFolder(), "sae");
  await saveSae(folder, sae.inference());
  const read = await loadSae(reference, folder);
  expect(read.ownEncoder!.tensors).toEqual(sae.inference().ownEncoder!.tensors);
  expect(read.decoder).toEqual(unit);
});
