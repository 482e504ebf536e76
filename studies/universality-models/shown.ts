/** @file What the page shows of the numbers: measures, tables and figures. */

import type { Measure, StudyFigure, StudyTable } from "../../src/index.ts";
import { CONTROLS, LAYERS, MODELS, type Pair, SELF } from "./pairs.ts";

/** Kept in numbers.json by `compute`. */
const kept = (name: string, label: string): Measure => ({ name, label, of: () => undefined });

export const measures: readonly Measure[] = [
  kept("rows", "rows"),
  kept("correlation", "correlation, one to one"),
  kept("jaccard", "Jaccard"),
  kept("mcc", "MCC, raw"),
  kept("mcc_procrustes", "MCC after the map"),
  kept("ev_own", "EV, own SAE"),
  kept("ev_raw", "EV, raw"),
  kept("ev_procrustes", "EV, Procrustes"),
  kept("ev_affine", "EV, affine"),
  kept("ev_procrustes_alone", "EV of the orthogonal map alone"),
  kept("size_correlation", "rank correlation of size ratio and correlation"),
  kept("size_procrustes", "rank correlation of size ratio and EV after Procrustes"),
];

const rows = (pairs: readonly Pair[], isRatio: boolean) =>
  pairs.map(({ name, ratio }) => ({
    arm: name,
    words: [isRatio ? `${ratio.toFixed(1)}×` : "–"],
  }));

const ACROSS_COLUMNS = ["ev_own", "ev_raw", "ev_procrustes", "ev_affine", "mcc", "mcc_procrustes"];

const TWO_PLACES = [...rows(MODELS, true), ...rows(CONTROLS, false), ...rows(LAYERS, false)];

export const tables: Readonly<Record<string, StudyTable>> = {
  activations: {
    head: "pair",
    words: ["size ratio"],
    rows: [...TWO_PLACES, ...rows(SELF, false)],
    columns: ["correlation", "jaccard"],
  },
  transfer: { head: "pair", words: ["size ratio"], rows: TWO_PLACES, columns: ACROSS_COLUMNS },
};

const chart = (measure: string, title: string, label: string, pairs: readonly Pair[]) => ({
  title,
  label,
  rows: pairs.map(({ name }) => ({ arm: name, measure })),
});

export const figures: Readonly<Record<string, StudyFigure>> = {
  correlation: chart(
    "correlation",
    "Correlation of latents matched one to one",
    "mean correlation",
    [...MODELS, ...CONTROLS, ...LAYERS, ...SELF],
  ),
  transfer: {
    title: "What an SAE explains of another place",
    label: "explained variance",
    rows: [...MODELS, ...CONTROLS, ...LAYERS].map(({ name }) => ({
      arm: name,
      measure: "ev_procrustes",
    })),
  },
};
