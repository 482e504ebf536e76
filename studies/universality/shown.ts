/** What the page shows: tables and figures. */

import type { StudyFigure, StudyTable } from "../../src/index.ts";
import {
  arms,
  BASE_RATIO,
  BASE_STEPS,
  BATCH,
  GRID_RATIOS,
  LAYERS,
  LENGTHS,
  RATIOS,
  SMOLLM2_LAYERS,
  SMOLLM2_RATIOS,
} from "./arms.ts";
import { toRatio } from "./measures.ts";

const ratioName = (ratio: number) => `1:${ratio}`;
const cell = (layer: number, ratio: number) => `relu.l${layer}.r${ratio}`;
const known = (arm: string) => (Object.hasOwn(arms, arm) ? arm : undefined);
/** Ratios of the first layer that the study has, and the widest of them. */
export const ratios = RATIOS.filter((ratio) => Object.hasOwn(arms, cell(0, ratio)));
export const WIDEST = ratios.at(-1)!;

const COLUMNS: StudyTable["columns"] = [
  { measure: "d_sae", head: "d_sae" },
  { measure: "effective_rank", head: "effective rank" },
  "fvu",
  "l0",
  "dead_fraction",
  { measure: "pw_mcc", nullInCells: true },
  { measure: "pw_mcc_excess", head: "excess" },
  { measure: "encoder_mcc", head: "encoders", nullInCells: true },
  { measure: "live_mcc", head: "live latents", nullInCells: true },
  { measure: "shared", head: "shared at 0.7" },
];

const table = (rows: readonly (string | undefined)[]): StudyTable => ({
  head: "cell",
  rows: rows.filter((row) => row !== undefined),
  columns: COLUMNS,
});

const CAUSE_COLUMNS: StudyTable["columns"] = [
  "fvu",
  "cause_mcc",
  { measure: "cause_shared", head: "shared at 0.7, one cause alone" },
  "start_cosine",
  { measure: "cause_init_mcc", head: "MCC, initial weights as well" },
];
const CAUSE_NAMES = {
  "": "initial weights",
  ".order": "order of the rows",
  ".draw": "rows",
} as const;
const smollm2 = (layer: number, ratio: number) => `smollm2.topk.l${layer}.r${ratio}`;
const causeRows = (selection: string) =>
  Object.entries(CAUSE_NAMES).map(([suffix, title]) => ({
    arm: `${selection}.half${suffix}`,
    title,
  }));

export const tables: Readonly<Record<string, StudyTable>> = {
  width: table(ratios.map((ratio) => cell(0, ratio))),
  layers: table(LAYERS.flatMap((layer) => GRID_RATIOS.map((ratio) => known(cell(layer, ratio))))),
  selection: table(
    GRID_RATIOS.flatMap((ratio) => [cell(0, ratio), `topk.l0.r${ratio}`]).concat(
      LAYERS.slice(1).flatMap((layer) =>
        [2, BASE_RATIO].flatMap((ratio) => [cell(layer, ratio), `topk.l${layer}.r${ratio}`]),
      ),
    ),
  ),
  smollm2: table(
    SMOLLM2_LAYERS.flatMap((layer) => SMOLLM2_RATIOS.map((ratio) => smollm2(layer, ratio))),
  ),
  others: table(
    ["relu.strong", "relu.resid", ...SMOLLM2_LAYERS.map((layer) => `smollm2.l${layer}`)].map(known),
  ),
  lengths: {
    ...table(lengthArms().map(({ arm }) => arm)),
    columns: ["tokens", ...COLUMNS.slice(2)],
  },
  "causes-relu": { head: "what differs", rows: causeRows("relu"), columns: CAUSE_COLUMNS },
  "causes-topk": { head: "what differs", rows: causeRows("topk"), columns: CAUSE_COLUMNS },
  "causes-deep": { head: "what differs", rows: causeRows("deep"), columns: CAUSE_COLUMNS },
};

/** The cells that differ in the length of training, and their tokens. */
function lengthArms() {
  const all = [...LENGTHS, BASE_STEPS].toSorted((a, b) => a - b);
  return all.flatMap((steps) => {
    const arm = known(steps === BASE_STEPS ? cell(0, BASE_RATIO) : `relu.steps${steps}`);
    return arm === undefined ? [] : [{ arm, x: steps * BATCH }];
  });
}

const mccAt = (x: number, arm: string) => ({ x, arm, measure: "pw_mcc" });

export const figures: Readonly<Record<string, StudyFigure>> = {
  loss: {
    kind: "curves",
    title: "Loss, layer 0",
    xLabel: "tokens",
    yLabel: "loss",
    xKind: "log",
    yKind: "log",
    curves: ratios.map((ratio) => ({
      name: ratioName(ratio),
      arm: cell(0, ratio),
      curve: "loss",
    })),
  },
  density: {
    kind: "histograms",
    title: "How often latents are active",
    xLabel: "fraction of held-out rows",
    rows: LAYERS.map((layer) => `layer ${layer}`),
    columns: GRID_RATIOS.map(ratioName),
    curve: "density",
    powers: true,
    arms: LAYERS.map((layer) => GRID_RATIOS.map((ratio) => known(cell(layer, ratio)))),
  },
  "ratio-table": {
    kind: "heat",
    title: "MCS from one width (row) to another (column), layer 0",
    label: "mean-max cosine",
    rows: ratios.map(ratioName),
    columns: ratios.map(ratioName),
    cells: ratios.map((from) => ratios.map((to) => ({ arm: cell(0, from), measure: toRatio(to) }))),
  },
  "ratio-lines": {
    kind: "lines",
    title: `MCS with the widest SAEs (1:${WIDEST}), layer 0`,
    xLabel: "d_sae / d_in of the other SAE",
    yLabel: "mean-max cosine",
    xKind: "log",
    lines: [
      {
        name: "to the widest",
        points: ratios.map((ratio) => ({
          x: ratio,
          arm: cell(0, ratio),
          measure: toRatio(WIDEST),
        })),
      },
      {
        name: "from the widest",
        points: ratios.map((ratio) => ({
          x: ratio,
          arm: cell(0, WIDEST),
          measure: toRatio(ratio),
        })),
      },
      {
        name: "null, to the widest",
        colour: 6,
        isNull: true,
        points: ratios.map((ratio) => ({
          x: ratio,
          arm: cell(0, ratio),
          measure: toRatio(WIDEST),
        })),
      },
    ],
    nulls: ratios.map((ratio) => ({ x: ratio, arm: cell(0, WIDEST), measure: toRatio(ratio) })),
  },
  width: {
    kind: "lines",
    title: "Agreement of independently initialised SAEs by width, layer 0",
    xLabel: "d_sae / d_in",
    yLabel: "PW-MCC",
    xKind: "log",
    lines: [
      { name: "ReLU + L1", points: ratios.map((ratio) => mccAt(ratio, cell(0, ratio))) },
      { name: "TopK", points: GRID_RATIOS.map((ratio) => mccAt(ratio, `topk.l0.r${ratio}`)) },
    ],
    nulls: ratios.map((ratio) => mccAt(ratio, cell(0, ratio))),
  },
  layers: {
    kind: "heat",
    title: "PW-MCC by layer and ratio",
    label: "PW-MCC",
    rows: LAYERS.map((layer) => `layer ${layer}`),
    columns: GRID_RATIOS.map(ratioName),
    cells: LAYERS.map((layer) =>
      GRID_RATIOS.map((ratio) => {
        const arm = known(cell(layer, ratio));
        return arm === undefined ? undefined : { arm, measure: "pw_mcc" };
      }),
    ),
  },
  smollm2: {
    kind: "heat",
    title: "SmolLM2, TopK 32: PW-MCC by layer and ratio",
    label: "PW-MCC",
    rows: SMOLLM2_LAYERS.map((layer) => `layer ${layer}`),
    columns: SMOLLM2_RATIOS.map(ratioName),
    cells: SMOLLM2_LAYERS.map((layer) =>
      SMOLLM2_RATIOS.map((ratio) => ({ arm: smollm2(layer, ratio), measure: "pw_mcc" })),
    ),
  },
  length: {
    kind: "lines",
    title: "Agreement by length of training, layer 0, 1:4",
    xLabel: "tokens",
    yLabel: "PW-MCC",
    xKind: "log",
    lines: [{ name: "ReLU + L1", points: lengthArms().map(({ arm, x }) => mccAt(x, arm)) }],
    nulls: lengthArms().map(({ arm, x }) => mccAt(x, arm)),
  },
  causes: {
    title: "Agreement when one cause alone differs, 1:4",
    label: "MCC",
    rows: (["relu", "topk", "deep"] as const).flatMap((selection, colour) =>
      Object.entries(CAUSE_NAMES).map(([suffix, name]) => ({
        arm: `${selection}.half${suffix}`,
        title: `${{ relu: "ReLU", topk: "TopK", deep: "ReLU, layer 2" }[selection]}: other ${name}`,
        measure: "cause_mcc",
        colour,
      })),
    ),
  },
  deciles: {
    kind: "curves",
    title: "Agreement by how often a latent is active, 1:4",
    xLabel: "tenth of the live latents, from the rarest",
    yLabel: "cosine with its partner",
    curves: [
      ...LAYERS.map((layer) => ({
        name: `ReLU, layer ${layer}`,
        arm: cell(layer, BASE_RATIO),
        curve: "deciles",
      })),
      { name: "TopK, layer 0", arm: `topk.l0.r${BASE_RATIO}`, curve: "deciles" },
    ],
  },
};
