/** @file What the page shows of the numbers: measures, tables and figures. */

import type { Measure, StudyFigure, StudyTable } from "../../src/index.ts";
import { ACROSS, CONTROLS, LAYERS, MODELS, type Pair, SELF } from "./pairs.ts";
import { PLACES } from "./places.ts";

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
  kept("ev_scaled", "EV, Procrustes and scale"),
  kept("ev_affine", "EV, affine"),
  kept("ev_procrustes_alone", "EV of the orthogonal map alone"),
  kept("embedding_cosine", "cosine of token embeddings"),
  kept("size_correlation", "rank correlation of size ratio and correlation"),
  kept("size_scaled", "rank correlation of size ratio and EV after Procrustes and scale"),
];

const rows = (pairs: readonly Pair[], isRatio: boolean) =>
  pairs.map(({ name, ratio }) => ({
    arm: name,
    words: [isRatio ? `${ratio.toFixed(1)}×` : "–"],
  }));

const ACROSS_COLUMNS = [
  "ev_own",
  "ev_raw",
  "ev_procrustes",
  "ev_scaled",
  "ev_affine",
  "mcc",
  "mcc_procrustes",
];

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

/** The places that are compared each with each. */
const EACH = ["stories", "smollm2", "minilm", "gte", "redrawn"] as const;

export const figures: Readonly<Record<string, StudyFigure>> = {
  correlation: {
    kind: "heat",
    title: "Correlation of latents matched one to one",
    label: "mean correlation",
    rows: EACH.map((name) => PLACES[name].title),
    cells: EACH.map((row) =>
      EACH.map((column) => {
        const found = [...SELF, ...ACROSS].find(
          ({ places: [a, b] }) => (a === row && b === column) || (a === column && b === row),
        );
        return found && { arm: found.name, measure: "correlation" };
      }),
    ),
  },
  transfer: {
    title: "What an SAE explains of another place, after Procrustes and scale",
    label: "explained variance",
    rows: [...MODELS, ...CONTROLS, ...LAYERS].map(({ name }) => ({
      arm: name,
      measure: "ev_scaled",
    })),
  },
};
