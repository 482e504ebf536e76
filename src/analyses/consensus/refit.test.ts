import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { madeSae } from "../../../test/support/made-sae.ts";
import { normals } from "../../../test/support/random.ts";
import type { RowNormalization } from "../../base/row-normalization.ts";
import type { Sae } from "../../sae/sae.ts";
import { refitSae } from "./refit.ts";

type Given = RowNormalization | undefined;

const FACTOR: RowNormalization = { factor: 2 };

/** Refits an SAE of one normalisation for two steps on rows of another. */
function refit(ofSae: Given, ofSource: Given): Promise<Sae> {
  const sae = ofSae === undefined ? madeSae("a") : { ...madeSae("a"), rowNormalization: ofSae };
  const train = {
    rowsPerPass: undefined,
    next: async (out: Float32Array) => out.set(normals("rows", out.length)),
    state: () => ({}),
    seek: async () => {},
  };
  const source = ofSource === undefined ? { train } : { train, normalization: ofSource };
  const pause = async () => {};
  return refitSae(reference, sae, source, {
    atomsStay: true,
    steps: 2,
    batch: 8,
    lr: 0.01,
    seed: 0,
    l0: 2,
    pause,
  });
}

test.each<[Given, Given, string, string]>([
  ["layer_norm", undefined, "layer_norm", "none"],
  ["layer_norm", FACTOR, "layer_norm", "expected_norm"],
  [FACTOR, undefined, "expected_norm", "none"],
  [FACTOR, "layer_norm", "expected_norm", "layer_norm"],
  [undefined, "layer_norm", "none", "layer_norm"],
])("weights for %j are not trained on rows of %j", async (ofSae, ofSource, wanted, found) => {
  await expect(refit(ofSae, ofSource)).rejects.toMatchObject({
    code: "argument/invalid",
    message: `Expected rows as the SAEs were trained on but the SAEs normalise rows with ${wanted} and the config's source.normalize is ${found}.`,
    hint: `Set source.normalize to ${wanted} in the config.`,
  });
});

test("a normalisation that a config cannot ask for is refused with what to leave out", async () => {
  await expect(refit("constant_norm_rescale", undefined)).rejects.toMatchObject({
    code: "argument/invalid",
    hint: "Leave --refit out: a config cannot ask for constant_norm_rescale.",
  });
});

test.each<[Given, Given]>([
  [undefined, undefined],
  ["layer_norm", "layer_norm"],
  [FACTOR, FACTOR],
  // Saved SAEs have the factor of expected_norm in their weights.
  [undefined, FACTOR],
])("weights for %j are trained on rows of %j, and keep it", async (ofSae, ofSource) => {
  expect((await refit(ofSae, ofSource)).rowNormalization).toEqual(ofSource);
});
