import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { addingAmounts, type Intervention, interventionAmounts } from "./interventions.ts";
import { openSaeRunner } from "./sae.ts";

const ROWS = 5;
const sae = madeSae("interventions");
const rows = Float32Array.from({ length: ROWS * sae.dIn }, (_, i) => Math.sin(3 * i + 1));

/** Activations of a latent in the rows, [rows]. */
async function activations(latent: number): Promise<number[]> {
  const runner = await openSaeRunner(reference, sae, ROWS);
  const { indptr, indices, values } = await runner.encode(rows, ROWS);
  return Array.from({ length: ROWS }, (_, row) => {
    const own = [...indices.subarray(indptr[row]!, indptr[row + 1]!)].indexOf(latent);
    return own < 0 ? 0 : values[indptr[row]! + own]!;
  });
}

async function amounts(latent: number, intervention: Intervention, batch = 2): Promise<number[]> {
  const runner = await openSaeRunner(reference, sae, batch);
  return [...(await interventionAmounts(sae, runner, batch, latent, intervention)(rows, ROWS))];
}

describe.each([...Array(3).keys()])("latent %i", (latent) => {
  test("clamped has the value in every row, scaled a multiple, ablated nothing", async () => {
    const z = await activations(latent);
    const activationAfter = async (intervention: Intervention) =>
      (await amounts(latent, intervention)).map((amount, row) => z[row]! + amount);
    for (const value of await activationAfter({ kind: "clamp", value: 7 }))
      expect(value).toBeCloseTo(7, 6);
    for (const [row, value] of (await activationAfter({ kind: "scale", value: 3 })).entries())
      expect(value).toBeCloseTo(3 * z[row]!, 5);
    for (const value of await activationAfter({ kind: "scale", value: 0 }))
      expect(value).toBeCloseTo(0, 6);
  });
});

test("what is added does not depend on the latent's activation", async () => {
  expect(await amounts(0, { kind: "add", value: 2.5 })).toEqual(new Array(ROWS).fill(2.5));
});

test("a step of a normalised row is a step of the row as it comes", async () => {
  const twice = rows.map((value) => 2 * value);
  const adding = addingAmounts(1, "layer_norm");
  const [once, doubled] = [await adding(rows, ROWS), await adding(twice, ROWS)];
  for (const [row, amount] of once.entries()) expect(doubled[row]).toBeCloseTo(2 * amount, 4);
});
