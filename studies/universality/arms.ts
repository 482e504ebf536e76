/** What is compared: cells of the grid, each a population of three SAEs on one stream. */

import type { Arm } from "../../src/index.ts";

/** Width of the activations of stories15M, and of SmolLM2-135M. */
const STORIES_WIDTH = 288;
const SMOLLM2_WIDTH = 576;

/** d_sae over d_in. */
export const RATIOS = [1, 2, 4, 8, 16, 32] as const;
/** The published grid of layers and ratios. */
export const LAYERS = [0, 1, 2, 3] as const;
export const GRID_RATIOS = [1, 2, 4, 8] as const;
/** The ratio of everything that does not vary it. */
export const BASE_RATIO = 4;
/** Steps of the cells that vary the length; all others take `BASE_STEPS`. */
export const LENGTHS = [250, 500, 2000, 4000, 8000] as const;
export const BASE_STEPS = 1000;
/** Activations per step. */
export const BATCH = 512;
/** Layers of SmolLM2. */
export const SMOLLM2_LAYERS = [2, 8, 14] as const;
/** Ratios of SmolLM2 with TopK, and the ratio of its cells with ReLU + L1. */
export const SMOLLM2_RATIOS = [1, 2, 4, 8] as const;
const SMOLLM2_RELU_RATIO = 2;
/** Active latents of SmolLM2's TopK cells: with the published α, L0 would be in the hundreds. */
const SMOLLM2_K = 32;
/** The layer whose causes are varied beside those of the first. */
const DEEP_LAYER = 2;

/** Active latents of TopK: the L0 that ReLU + L1 of the same cell has in the end, rounded. */
const K: Readonly<Record<string, number>> = {
  "l0.r1": 5,
  "l0.r2": 6,
  "l0.r4": 7,
  "l0.r8": 8,
  "l1.r2": 9,
  "l1.r4": 11,
  "l2.r2": 23,
  "l2.r4": 28,
  "l3.r2": 55,
  "l3.r4": 71,
};

type Entry = [string, Arm];

const mlp = (layer: number) => `source.hook=blocks.${layer}.hook_mlp_out`;
const wide = (ratio: number, width = STORIES_WIDTH) => `population.d_sae=${ratio * width}`;
/** The published α, and the one that their script has by default. */
const PENALTY = "population.l1=0.0008";
const STRONG_PENALTY = "population.l1=0.008";
/** Only what selects differs from the ReLU cells: the learning rate and the bias are theirs. */
const topk = (k: number) => [
  "population.architecture=topk",
  `population.k=${k}`,
  "population.aux_k=false",
  "population.clip_norm=false",
];

const relu = (layer: number, ratio: number): Entry => [
  `relu.l${layer}.r${ratio}`,
  { title: `ReLU, layer ${layer}, 1:${ratio}`, settings: [mlp(layer), wide(ratio), PENALTY] },
];

const topkAt = (layer: number, ratio: number): Entry => [
  `topk.l${layer}.r${ratio}`,
  {
    title: `TopK, layer ${layer}, 1:${ratio}`,
    settings: [mlp(layer), wide(ratio), ...topk(K[`l${layer}.r${ratio}`]!)],
    baseline: `relu.l${layer}.r${ratio}`,
  },
];

/** The cells that vary one cause alone, all on half of the rows. */
const CAUSES = {
  "": { title: "", settings: ["source.draw={part: 1, of: 2}"] },
  ".order": {
    title: ", other order",
    settings: ["source.draw={part: 1, of: 2}", "source.order_seed=1"],
  },
  ".draw": { title: ", other rows", settings: ["source.draw={part: 2, of: 2}"] },
} as const;

const causes = (name: string, title: string, settings: readonly string[]): Entry[] =>
  Object.entries(CAUSES).map(
    ([suffix, cause]): Entry => [
      `${name}.half${suffix}`,
      {
        title: `${title}, half of the rows${cause.title}`,
        settings: [...settings, ...cause.settings],
      },
    ],
  );

const base = [mlp(0), wide(BASE_RATIO)];

const one = (name: string, title: string, settings: readonly string[]): Entry => [
  name,
  { title, settings },
];

const steps = (count: number) =>
  one(`relu.steps${count}`, `ReLU, layer 0, 1:4, ${count} steps`, [
    ...base,
    PENALTY,
    `training.steps=${count}`,
  ]);
const smollm2 = (layer: number, ratio: number): Entry => [
  `smollm2.topk.l${layer}.r${ratio}`,
  {
    title: `SmolLM2, TopK ${SMOLLM2_K}, layer ${layer}, 1:${ratio}`,
    config: "smollm2.yaml",
    settings: [mlp(layer), wide(ratio, SMOLLM2_WIDTH), ...topk(SMOLLM2_K)],
  },
];
const others = LAYERS.slice(1);

/** In the order of training: what other cells are compared with, and what is quick, comes first. */
export const arms: Readonly<Record<string, Arm>> = Object.fromEntries([
  ...[4, 8, 2, 1].map((ratio) => relu(0, ratio)),
  ...causes("relu", "ReLU", [...base, PENALTY]),
  ...others.map((layer) => relu(layer, BASE_RATIO)),
  ...[4, 2, 8, 1].map((ratio) => topkAt(0, ratio)),
  ...LENGTHS.map(steps),
  ...causes("topk", "TopK", [...base, ...topk(K["l0.r4"]!)]),
  one("relu.strong", "ReLU, layer 0, 1:4, α 8e-3", [...base, STRONG_PENALTY]),
  ...others.map((layer) => topkAt(layer, BASE_RATIO)),
  ...[1, 2].flatMap((ratio) => others.map((layer) => relu(layer, ratio))),
  relu(0, 16),
  one("relu.resid", "ReLU, residual stream 3, 1:4", [
    "source.hook=blocks.3.hook_resid_post",
    wide(BASE_RATIO),
    PENALTY,
  ]),
  ...SMOLLM2_LAYERS.map(
    (layer): Entry => [
      `smollm2.l${layer}`,
      {
        title: `SmolLM2, ReLU, layer ${layer}, 1:2`,
        config: "smollm2.yaml",
        settings: [mlp(layer), wide(SMOLLM2_RELU_RATIO, SMOLLM2_WIDTH), PENALTY],
      },
    ],
  ),
  ...others.map((layer) => relu(layer, 8)),
  ...others.map((layer) => topkAt(layer, 2)),
  ...causes("deep", `ReLU, layer ${DEEP_LAYER}`, [mlp(DEEP_LAYER), wide(BASE_RATIO), PENALTY]),
  ...SMOLLM2_LAYERS.flatMap((layer) => SMOLLM2_RATIOS.map((ratio) => smollm2(layer, ratio))),
  relu(0, 32),
]);
