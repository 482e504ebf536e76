/** @file The wing of synthetic activations, whose features are known. */

import { given } from "../../base/given.ts";
import { count } from "../../figures/number-text.ts";
import type { Analysis } from "../analysis.ts";
import type { Domain } from "../domain.ts";
import { orbitFeatures } from "./analyses/orbit-features.ts";
import { generatorNotes } from "./config-notes.ts";
import { trueFeatureEvidence } from "./evidence/evidence.ts";
import { type SyntheticConfig, syntheticSource } from "./schema.ts";
import { openSyntheticSource } from "./synthetic-source.ts";

export const synthetic = {
  kind: "synthetic",
  schema: syntheticSource,
  listKeys: [],
  unit: "activations",
  open(source, { backend, seed }) {
    return openSyntheticSource(
      backend,
      given({
        generator: source.generator,
        dIn: source.dIn,
        features: source.features,
        seed: source.seed ?? seed,
        normalizeFeatures: source.normalizeFeatures,
        groups: source.groups,
        active: source.active,
        decay: source.decay,
        support: source.support,
        generationBatch: source.generationBatch,
        noise: source.noise,
        coefficients: source.coefficients,
        correlated: source.correlated,
        group: source.group,
        action: source.action,
        representative: source.representative,
        poses: source.poses,
        draw: source.draw,
        trainRows: source.trainRows,
        heldOutRows: source.heldOutRows,
      }),
    );
  },
  isMadeOnTheWay: () => true,
  analyses: [orbitFeatures as Analysis],
  evidence: trueFeatureEvidence,
  describe(provenance) {
    const features = provenance["features"];
    const known = typeof features === "number" ? count(features) : "known";
    const group = provenance["group"];
    const moved = typeof group === "string" ? `, each in the poses of ${group}` : "";
    return `synthetic activations with ${known} true features${moved}`;
  },
  configNotes: generatorNotes,
} as const satisfies Domain<SyntheticConfig>;
