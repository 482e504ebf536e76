import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeRows, madeSae } from "../../test/support/made-sae.ts";
import { normals } from "../../test/support/random.ts";
import { nullMcc } from "../consistency/null-model.ts";
import type { Sae } from "../sae/sae.ts";
import { judgeSaes } from "./judge-saes.ts";

const dIn = 6;
const heldOut = madeRows(64, dIn);

/** All 2 d axes and their opposites: it reconstructs every row. */
function perfect(): Sae {
  const atoms = new Float32Array(2 * dIn * dIn);
  for (let i = 0; i < dIn; i++) {
    atoms[i * dIn + i] = 1;
    atoms[(dIn + i) * dIn + i] = -1;
  }
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn,
    dSae: 2 * dIn,
    encoder: atoms,
    decoder: atoms,
    encoderBias: new Float32Array(2 * dIn),
    decoderBias: undefined,
  };
}

describe("SAEs on held-out rows", () => {
  test("are judged in their order, by FVU and L0", async () => {
    const saes = [
      { name: "perfect", sae: perfect() },
      { name: "random", sae: madeSae("random", { dIn }) },
    ];
    const [good, bad] = await judgeSaes(reference, saes, { heldOut, dIn });
    expect(good).toMatchObject({ name: "perfect", latents: 12 });
    expect(good!.fvu).toBeLessThan(1e-6);
    // Every component is above 0 or below.
    expect(good!.l0).toBe(dIn);
    expect(bad!.fvu).toBeGreaterThan(0.1);
    expect(bad!.l0).toBeLessThanOrEqual(2);
  });

  test("without known features have none to find", async () => {
    const saes = [{ name: "a", sae: madeSae("a", { dIn }) }];
    const [judged] = await judgeSaes(reference, saes, { heldOut, dIn });
    expect([judged!.gtMcc, judged!.gtMccNull, judged!.found]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("find the known features that are among their atoms, whatever the length of those", async () => {
    const sae = madeSae("truth", { dIn, dSae: 5 });
    const matrix = sae.decoder.map((v) => 3 * v);
    const truth = { heldOut, dIn, trueFeatures: { matrix, count: 5 } };
    const saes = [
      { name: "same", sae },
      { name: "other", sae: madeSae("other", { dIn, dSae: 5 }) },
    ];
    const [same, other] = await judgeSaes(reference, saes, truth);
    expect(same!.gtMcc).toBeCloseTo(1, 5);
    expect(same!.found).toBe(5);
    expect(other!.gtMcc).toBeLessThan(0.95);
    // Three draws of random dictionaries, and no other measure of theirs.
    expect(same!.gtMccNull).toBe(await nullMcc(reference, { n: 5, m: 5, d: dIn }, 3));
    expect(same!.gtMccNull).toBe(other!.gtMccNull);
  });

  test("of fewer atoms than features are judged over those that they have", async () => {
    const sae = madeSae("few", { dIn, dSae: 2, k: 1 });
    const matrix = new Float32Array([...sae.decoder, ...normals("more", 3 * dIn)]);
    const truth = { heldOut, dIn, trueFeatures: { matrix, count: 5 } };
    const [judged] = await judgeSaes(reference, [{ name: "few", sae }], truth);
    expect(judged!.gtMcc).toBeCloseTo(1, 5);
    expect(judged!.found).toBe(2);
  });
});
