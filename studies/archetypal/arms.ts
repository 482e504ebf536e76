/** Four ways to start and to hold atoms, rows centred or not, by the seeding of k-means. */

import type { Experiment } from "../../src/index.ts";

type Arms = Experiment["arms"];

export const CONDITIONS = {
  random: { title: "random start", settings: [] },
  kmeans: { title: "k-means start", settings: ["population.weight_init=k_means"] },
  free: {
    title: "archetypal, no projection",
    settings: ["population.architecture=archetypal", "population.projection=false"],
  },
  archetypal: { title: "archetypal", settings: ["population.architecture=archetypal"] },
} as const;

export type Condition = keyof typeof CONDITIONS;

export const CENTRES = { raw: "none", centred: "mean" } as const;
export const SEEDINGS = { own: "member", shared: "0" } as const;

/** Only those that start from centroids have a seeding. */
export function armName(
  condition: Condition,
  centre: keyof typeof CENTRES,
  seeding: keyof typeof SEEDINGS,
): string {
  return condition === "random" ? `random.${centre}` : `${condition}.${centre}.${seeding}`;
}

const ON_TAPE = [
  "population.encoder=linear",
  "population.aux_penalty=false",
  "population.centroids=128",
];
const FUSED = ["population.aux_k=false", "population.clip_norm=false"];

const centroids = (seeding: keyof typeof SEEDINGS) => [
  "population.centroid_rows=2048",
  `population.centroid_seed=${SEEDINGS[seeding]}`,
];

function arm(condition: Condition, centre: keyof typeof CENTRES, seeding: keyof typeof SEEDINGS) {
  const { title, settings } = CONDITIONS[condition];
  const isRandom = condition === "random";
  const isOnTape = condition === "free" || condition === "archetypal";
  const words = [title, centre, ...(isRandom ? [] : [`${seeding} k-means`])];
  return {
    title: words.join(", "),
    settings: [
      ...settings,
      `population.decoder_bias=${CENTRES[centre]}`,
      ...(isRandom ? [] : centroids(seeding)),
      ...(isOnTape ? ON_TAPE : FUSED),
    ],
  };
}

export const arms: Arms = Object.fromEntries(
  (["raw", "centred"] as const).flatMap((centre) =>
    (Object.keys(CONDITIONS) as Condition[]).flatMap((condition) =>
      (condition === "random" ? (["own"] as const) : (["own", "shared"] as const)).map(
        (seeding) => [armName(condition, centre, seeding), arm(condition, centre, seeding)],
      ),
    ),
  ),
);
