/** What is measured of every member: fit, and agreement with its partner and with other cells. */

import type { Measure, MeasureContext, StudyNumber, StudyRun } from "../../src/index.ts";
import { effectiveRank } from "../../src/linalg/effective-rank.ts";
import { PairedMoments } from "../../src/linalg/paired-moments.ts";
import { type Agreement, agreements } from "./agreement.ts";
import { RATIOS } from "./arms.ts";

type Of = (found: Agreement) => StudyNumber;

/** A number of the agreement of a member with another, where there is one. */
function between(
  name: string,
  label: string,
  other: (run: StudyRun, context: MeasureContext) => StudyRun | undefined,
  of: Of,
  show: Measure["show"] = "number",
): Measure {
  return {
    name,
    label,
    show,
    async of(run, context) {
      const partner = other(run, context);
      return partner && of(await agreements.of(context.backend, run, partner));
    },
  };
}

const partner = ({ partner: next }: StudyRun) => next;
const mcc: Of = (found) => ({ value: found.mcc, null: found.mccNull });
const meanMax: Of = (found) => ({ value: found.meanMax, null: found.meanMaxNull });
/** How far a value is from its null on the way to 1. */
const excess = (value: number, none: number) => (value - none) / (1 - none);

/** The cell on half of the rows that another one differs from in one cause. */
const halfOf = ({ arm, seed }: StudyRun, context: MeasureContext) => {
  const [selection, , cause] = arm.split(".");
  return cause === undefined ? undefined : context.run(`${selection}.half`, seed);
};
const isHalf = ({ arm }: StudyRun) => arm.split(".")[1] === "half";

/** Agreement where one cause alone differs: initial weights, order or rows. */
const oneCause = (run: StudyRun, context: MeasureContext) =>
  isHalf(run) ? (halfOf(run, context) ?? run.partner) : undefined;
/** Agreement where the initial weights differ as well. */
const twoCauses = (run: StudyRun, context: MeasureContext) =>
  isHalf(run) ? (halfOf(run, context) ?? run).partner : undefined;

const ranks = new Map<string, Promise<number>>();

/** Effective rank of the held-out rows that an SAE is for. */
const rank: Measure = {
  name: "effective_rank",
  label: "effective rank of the rows",
  async of(run, context) {
    const { source } = run.config as { readonly source: Readonly<Record<string, unknown>> };
    const key = `${source["model"]} ${source["hook"]}`;
    const measure = async () => {
      const { heldOut, dIn, close } = await context.open(run);
      const rows = Math.min(heldOut.rows, 8192);
      const x = context.backend.float32(rows * dIn);
      await heldOut.read(0, x);
      await close();
      const moments = new PairedMoments(context.backend, dIn);
      await moments.add(x, rows);
      return effectiveRank(moments.covariance(), dIn)?.effectiveRank ?? Number.NaN;
    };
    const known = ranks.get(key) ?? measure();
    ranks.set(key, known);
    return { value: await known };
  },
};

/** How far the cells of the causes are still what they began as. */
const start: Measure = {
  name: "start_cosine",
  label: "cosine with its own start",
  async of(run, context) {
    if (!isHalf(run)) return undefined;
    const source = await context.open(run);
    const value = await agreements.start(context.backend, run, source);
    await source.close();
    return { value };
  },
};

/** Latents of an SAE, and of those the ones that are active on held-out rows. */
const latents: Measure = {
  name: "d_sae",
  label: "d_sae",
  async of(run) {
    const density = await run.density(run.members[0]!.name);
    return density && { value: density.length };
  },
};

/** Activations that a member was trained on. */
const tokens: Measure = {
  name: "tokens",
  label: "tokens",
  of({ record, config }) {
    const { training } = config as { readonly training: { readonly batch: number } };
    return { value: record.totalSteps! * training.batch };
  },
};

/** The measure that compares a cell of layer 0 with the one of this ratio. */
export const toRatio = (ratio: number) => `mcs_to.r${ratio}`;

export const measures: readonly (string | Measure)[] = [
  latents,
  rank,
  tokens,
  "fvu",
  "l0",
  "dead_fraction",
  between("pw_mcc", "PW-MCC", partner, mcc),
  between("pw_mcc_excess", "excess over the null", partner, (found) => ({
    value: excess(found.mcc, found.mccNull),
  })),
  between("live_mcc", "PW-MCC of live latents", partner, (found) => ({
    value: found.live,
    null: found.liveNull,
  })),
  between("mcs", "MCS", partner, meanMax),
  between("shared", "shared at 0.7", partner, (found) => ({ value: found.shared }), "percent"),
  between("encoder_mcc", "MCC of encoders", partner, (found) => ({
    value: found.encoder,
    null: found.mccNull,
  })),
  start,
  between("cause_mcc", "MCC, one cause alone", oneCause, mcc),
  between(
    "cause_shared",
    "shared at 0.7, one cause alone",
    oneCause,
    (found) => ({ value: found.shared }),
    "percent",
  ),
  between("cause_init_mcc", "MCC, initial weights as well", twoCauses, mcc),
  ...RATIOS.map((ratio) =>
    between(
      toRatio(ratio),
      `MCS to 1:${ratio}`,
      ({ arm, seed }, context) =>
        /^relu\.l0\.r\d+$/.test(arm) ? context.run(`relu.l0.r${ratio}`, seed)?.partner : undefined,
      meanMax,
    ),
  ),
];
