import type { Measure, Study } from "../../src/index.ts";
import { arms, EPOCHS, FREE, freeArm, PROPER, properArm } from "./arms.ts";
import { unexplained } from "./compute.ts";

const LAST = EPOCHS.at(-1)!;

/** A number that `compute` fills in. */
const measure = (name: string, label: string): Measure => ({ name, label, of: () => undefined });
const unexplainedAfter = (epochs: number) =>
  measure(unexplained(epochs), `unexplained variance in training, epoch ${epochs}`);

const columns = [
  { measure: unexplained(2), head: "unexplained, epoch 2" },
  { measure: unexplained(LAST), head: `unexplained, epoch ${LAST}` },
  { measure: "fvu", head: "held-out FVU" },
  "l0",
  "dead_fraction",
];

const study: Study = {
  title: "The replication's trade-off figure, and a frontier",
  question:
    "Does the penalty that the replication project sweeps make codes sparse, and what does the L0–FVU frontier look like beside its figure?",
  seeds: [42, 43, 44],
  arms,
  measures: [
    measure("rows", "training rows"),
    "fvu",
    "l0",
    "dead_fraction",
    ...EPOCHS.map(unexplainedAfter),
  ],
  // compute fills it.
  curves: [{ name: "frontier", of: () => undefined }],
  verdicts: {
    // Of their sweep: the strongest penalty against the weakest.
    "free-loss": { measure: unexplained(LAST), arm: freeArm(1e-2), against: freeArm(1e-5) },
    "free-l0": { measure: "l0", arm: freeArm(1e-2), against: freeArm(1e-5) },
    "proper-l0": { measure: "l0", arm: properArm(1e-2), against: properArm(1e-4) },
    epochs: (results) => {
      const [early, late] = [unexplained(2), unexplained(LAST)].map(
        (measure) => results.cell(freeArm(1e-5), measure)?.mean,
      );
      return early !== undefined && late !== undefined && late < early ? "falls" : "does not fall";
    },
  },
  tables: {
    free: { head: "their loss", rows: FREE.map(freeArm), columns },
    proper: { head: "Cunningham's loss", rows: PROPER.map(properArm), columns },
  },
  figures: {
    "trade-off": {
      kind: "lines",
      title: "The published figure: loss by α, a line per number of epochs",
      xLabel: "α",
      yLabel: "unexplained variance",
      xKind: "log",
      lines: EPOCHS.map((epochs) => ({
        name: `${epochs} epochs`,
        points: FREE.map((alpha) => ({
          x: alpha,
          arm: freeArm(alpha),
          measure: unexplained(epochs),
        })),
      })),
    },
    frontier: {
      kind: "curves",
      title: "Held-out FVU by L0",
      xLabel: "active latents per row",
      yLabel: "FVU",
      xKind: "log",
      curves: [
        { name: "mean |z| (theirs)", arm: freeArm(FREE[0]), curve: "frontier" },
        { name: "Σ|z| (Cunningham)", arm: properArm(PROPER[0]), curve: "frontier" },
      ],
    },
  },
  quick: {
    arms: [freeArm(1e-5), freeArm(1e-2)],
    settings: [
      "training={ batch: 128, epochs: 2, log_every: 1 }",
      "source.max_tokens=2048",
      "population.d_sae=64",
    ],
  },
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
