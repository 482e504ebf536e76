/**
 * @file What synthetic activations add to the evidence of latents: the true feature that each is
 *   most like, and the one that predicts it best.
 */

import type { Backend } from "../../../backend/backend.ts";
import { largestRandomCosine } from "../../../base/statistics/largest-random-cosine.ts";
import { bestMatches } from "../../../consistency/matching/best-matches.ts";
import { type Dictionary, dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { type EvidenceRows, heldOutRows } from "../../../evidence/evidence-rows.ts";
import { count } from "../../../figures/number-text.ts";
import type { TrueFeatures } from "../../../sources/source.ts";
import type { DescribedMember, DomainEvidence, EvidenceMaker } from "../../evidence-maker.ts";
import { MOST_KNOWN_FEATURES } from "../row-features.ts";
import type { SyntheticSource } from "../synthetic-source.ts";
import { featureRules } from "./feature-rules.ts";
import { featureRowDescriber, featureTensors } from "./row-words.ts";

type FeaturesOf = SyntheticSource["featuresOfHeldOut"];

/** Largest cosine that a random direction is expected to have with one of `features`. */
function nullCosine(d: number, features: number): number {
  // On a line the cosine with each is 1 or −1.
  return d < 2 ? 1 - 2 ** (1 - features) : largestRandomCosine(d, features);
}

class FeatureEvidence implements EvidenceMaker {
  readonly facts = {};
  readonly leftOut: readonly string[];
  readonly rows: EvidenceRows;
  readonly #backend: Backend;
  readonly #features: Dictionary;
  readonly #featuresOf: FeaturesOf;

  constructor(backend: Backend, rows: EvidenceRows, features: Dictionary, featuresOf: FeaturesOf) {
    this.#backend = backend;
    this.rows = rows;
    this.#features = features;
    this.#featuresOf = featuresOf;
    this.leftOut = featuresOf
      ? []
      : [
          `Which true features a row is made of is worked out for up to ${count(MOST_KNOWN_FEATURES)} features, and here are ${count(features.count)}. So there are no rules.`,
        ];
  }

  async rowTensors(shown: Int32Array) {
    return this.#featuresOf ? featureTensors(shown, await this.#featuresOf(shown)) : new Map();
  }

  async describe({ sae, seen }: DescribedMember, pause: () => Promise<void>) {
    const atoms = await dictionaryOf(this.#backend, sae.decoder, sae.dSae, sae.dIn);
    const { bestOfA, partnerOfA } = await bestMatches(this.#backend, atoms, this.#features);
    await pause();
    const none = nullCosine(sae.dIn, this.#features.count).toFixed(2);
    const present = await this.#featuresOf?.(seen.keptRows);
    const rules = present && featureRules(seen.codes, present, this.#features.count);
    const latents = Array.from(bestOfA, (cosine, latent) => {
      const words = `true feature ${partnerOfA[latent]} (cosine ${cosine.toFixed(2)}, null ${none})`;
      // An atom of length 0 is like none.
      const label = cosine === 0 ? "" : words;
      return { label, rules: rules?.[latent] ?? [], logits: null };
    });
    return { latents };
  }

  close() {
    return this.rows.close();
  }
}

async function featureEvidence(
  source: SyntheticSource,
  truth: TrueFeatures,
  backend: Backend,
  most: number,
): Promise<EvidenceMaker> {
  const features = await dictionaryOf(backend, truth.matrix, truth.count, source.dIn);
  return new FeatureEvidence(
    backend,
    heldOutRows(source, most),
    features,
    source.featuresOfHeldOut,
  );
}

export const trueFeatureEvidence: DomainEvidence = {
  unasked: false,
  async make(source, { backend, most }) {
    const { trueFeatures: truth } = source;
    if (!truth) return { cannot: "These rows do not say what their true features are." };
    return featureEvidence(source, truth, backend, most);
  },
  read: featureRowDescriber,
};
