import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { lookThrough } from "../../../evidence/look-through.ts";
import { nearestAtoms } from "../../../evidence/nearest-atoms.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { EvidenceMaker } from "../../evidence-maker.ts";
import { openSyntheticSource, type SyntheticSource } from "../synthetic-source.ts";
import { trueFeatureEvidence } from "./evidence.ts";
import { featureRowDescriber } from "./row-words.ts";

const FEATURES = 6;
const D_IN = 16;

/** Features of length one in so many dimensions that projections tell which are active. */
const sourceOf = () =>
  openSyntheticSource(reference, {
    generator: "song",
    dIn: D_IN,
    features: FEATURES,
    active: 1,
    seed: 3,
    heldOutRows: 200,
  });

/** An SAE whose latent i has the feature (i + 1) % 6; the last latent is of zeros. */
function saeOf({ trueFeatures }: SyntheticSource): Sae {
  const dSae = FEATURES + 1;
  const decoder = new Float32Array(dSae * D_IN);
  for (let i = 0; i < FEATURES; i++) {
    const from = ((i + 1) % FEATURES) * D_IN;
    decoder.set(trueFeatures!.matrix.subarray(from, from + D_IN), i * D_IN);
  }
  return {
    architecture: "topk",
    selection: { kind: "topk", k: 1, relu: true },
    dIn: D_IN,
    dSae,
    encoder: decoder,
    decoder,
    encoderBias: new Float32Array(dSae),
    decoderBias: undefined,
  };
}

async function makerOf(source: SyntheticSource): Promise<EvidenceMaker> {
  const made = await trueFeatureEvidence.make(source, { backend: reference, most: 1000 });
  if ("cannot" in made) throw new Error(made.cannot);
  return made;
}

async function described(source: SyntheticSource) {
  const maker = await makerOf(source);
  const sae = saeOf(source);
  const atoms = await dictionaryOf(reference, sae.decoder, sae.dSae, sae.dIn);
  const nearest = await nearestAtoms(reference, atoms, 2);
  const { seen } = await lookThrough(reference, maker.rows, [{ sae, nearest }], {
    pairs: [],
    around: 1,
    seed: 0,
    pause: async () => {},
    onRows: () => {},
  });
  const { latents } = await maker.describe({ name: "a", sae, seen: seen[0]! }, async () => {});
  return { maker, latents };
}

test("a latent is named by its true feature, beside the null, and predicted by it", async () => {
  const { maker, latents } = await described(await sourceOf());
  expect(latents.map(({ label }) => label.split(" (")[0])).toEqual([
    ...["1", "2", "3", "4", "5", "0"].map((feature) => `true feature ${feature}`),
    "",
  ]);
  for (const { label } of latents.slice(0, FEATURES))
    expect(label).toMatch(/^true feature \d \(cosine 1\.00, null 0\.[23]\d\)$/);
  for (const [i, { rules }] of latents.slice(0, FEATURES).entries())
    expect(rules[0]).toMatchObject({
      kind: "true feature",
      text: `true feature ${(i + 1) % FEATURES}`,
      precision: 1,
      recall: 1,
    });
  expect(latents[FEATURES]).toEqual({ label: "", rules: [], logits: null });
  expect(maker.leftOut).toEqual([]);
});

test("without knowing what rows are made of there are labels, and it is said that rules are not", async () => {
  const { featuresOfHeldOut: _, ...source } = await sourceOf();
  const { maker, latents } = await described(source);
  expect(latents[0]!.label).toMatch(/^true feature 1 /);
  expect(latents.flatMap(({ rules }) => rules)).toEqual([]);
  expect(maker.leftOut).toEqual([expect.stringMatching(/So there are no rules\.$/)]);
  expect((await maker.rowTensors(Int32Array.of(1))).size).toBe(0);
});

test("rows that do not say their features are left to the core", async () => {
  const { trueFeatures: _, ...source } = await sourceOf();
  expect(await trueFeatureEvidence.make(source, { backend: reference, most: 10 })).toEqual({
    cannot: "These rows do not say what their true features are.",
  });
});

test("a shown row is described by the features that it is made of", async () => {
  const source = await openSyntheticSource(reference, {
    generator: "song",
    dIn: D_IN,
    features: 32,
    active: 6,
    heldOutRows: 20,
  });
  const shown = Int32Array.of(2, 17);
  const tensors = await (await makerOf(source)).rowTensors(shown);
  const describer = await featureRowDescriber({
    facts: {},
    read: async (name) => tensors.get(name)!,
    elements: async () => new Float32Array(0),
  });
  const { features, coefficients } = await source.featuresOfHeldOut!(shown);
  const strongest = [...coefficients.subarray(6, 12).keys()].sort(
    (a, b) => coefficients[6 + b]! - coefficients[6 + a]!,
  );
  const named = strongest.slice(0, 4).map((i) => {
    return `${features[6 + i]} (${coefficients[6 + i]!.toFixed(2)})`;
  });
  const { where } = await describer.describe(17, [], new Map());
  expect(where).toBe(`held-out row 17: true features ${named.join(", ")} and 2 more`);
  expect((await describer.describe(3, [], new Map())).where).toBe("held-out row 3");
});
