/** @file Which populations the study trains: how their data is made, and what they are. */

/** One population on one kind of data. */
export interface Setting {
  /** In tables. */
  readonly title: string;
  readonly sae: "topk" | "relu";
  /** As the published code has it (`published-sae.ts`), or Concord's architecture of that name. */
  readonly by: "published" | "concord";
  readonly dSae: number;
  /** True features of a row; k of TopK is as many. */
  readonly active: number;
  /** Frequency of each feature relative to the one before. */
  readonly decay: number;
  readonly lr: number;
  readonly steps: number;
}

/** Of all settings. */
export const D_IN = 16;
export const FEATURES = 32;
/** Distinct rows, as published. Each step takes `BATCH` of them in turn; there it takes all. */
export const ROWS = 50_000;
export const BATCH = 500;
export const L1 = 0.01;
/** SAEs of a population. */
export const MEMBERS = 5;

/** What the published run and ours have in common: 3 of 32 features active, all equally often. */
const COMMON = { dSae: FEATURES, active: 3, decay: 1, lr: 3e-4, steps: 10_000 } as const;

/** The published run has 30,000 steps at 1e-4. Ours has a third of the steps at thrice the rate. */
export const CURVES: Readonly<Record<string, Setting>> = {
  "topk-published": { ...COMMON, title: "TopK, free atoms", sae: "topk", by: "published" },
  "relu-published": { ...COMMON, title: "ReLU + L1, free atoms", sae: "relu", by: "published" },
  topk: { ...COMMON, title: "TopK, unit atoms", sae: "topk", by: "concord" },
  relu: { ...COMMON, title: "ReLU + L1, unit atoms", sae: "relu", by: "concord" },
};
/** Steps between two measurements, and those that curves show. */
export const EVERY = 100;
export const SHOWN = [0, 200, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 10_000] as const;
/** The arm of a curve at a step. */
export const atStep = (curve: string, step: number) => `${curve}.at-${step}`;

/** Latents of the grid, and true features per row. */
export const WIDTHS = [16, 32, 64] as const;
export const SPARSITIES = [2, 3, 5] as const;

const cell = (dSae: number, active: number): Setting => ({
  title: `${dSae} latents, ${active} of ${FEATURES} active`,
  sae: "topk",
  by: "concord",
  dSae,
  active,
  decay: 1,
  lr: 1e-3,
  steps: 4000,
});

/** The name of a cell of the grid. */
export const cellName = (dSae: number, active: number) => `grid.${dSae}.${active}`;

/** Every width with every sparsity. */
export const GRID: Readonly<Record<string, Setting>> = Object.fromEntries(
  WIDTHS.flatMap((dSae) =>
    SPARSITIES.map((active) => [cellName(dSae, active), cell(dSae, active)]),
  ),
);

/** What all cells say together. */
export const TOGETHER = "grid";

/** Features that are active ever more rarely: the last 26 times as rarely as the first. */
export const UNEVEN: Readonly<Record<string, Setting>> = {
  uneven: { ...cell(FEATURES, 3), title: "features of unequal frequency", decay: 0.9 },
};

/** All populations, in the order of training. */
export const SETTINGS: Readonly<Record<string, Setting>> = { ...CURVES, ...GRID, ...UNEVEN };
