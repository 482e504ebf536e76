/** What is measured of the dictionaries of a run: of its members, or of their consensus. */

import type {
  Dictionary,
  Measure,
  MeasureContext,
  Sae,
  StudyNumber,
  StudyRun,
} from "../../src/index.ts";

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** The numbers of the consensus after its refit, where the run has one. */
async function consensusOf(run: StudyRun): Promise<Record<string, number> | undefined> {
  if (!run.arm.startsWith("consensus.")) return undefined;
  const { judged } = (await run.folder.readJson("results/consensus.json")) as {
    readonly judged: readonly (Record<string, number> & { readonly name: unknown })[];
  };
  return judged.find(({ name }) => name === "consensus, refitted");
}

/** SAEs of a run that its arm is about. */
async function saesOf(run: StudyRun, { backend }: MeasureContext): Promise<Sae[]> {
  const { loadSae } = await import("../../src/index.ts");
  const folders = run.arm.startsWith("consensus.")
    ? [run.folder.file("consensus")]
    : run.members.map(({ name }) => run.folder.file("saes", name));
  return Promise.all(folders.map((folder) => loadSae(backend, folder)));
}

async function atomsOf(saes: readonly Sae[], { backend }: MeasureContext): Promise<Dictionary[]> {
  const { dictionaryOf } = await import("../../src/index.ts");
  return Promise.all(
    saes.map(({ decoder, dSae, dIn }) => dictionaryOf(backend, decoder, dSae, dIn)),
  );
}

/** A measure of MEASURES, taken of the consensus where the arm is one. */
function also(name: string, label: string, ofConsensus: string): Measure {
  return {
    name,
    label,
    async of(run, context) {
      const found = await consensusOf(run);
      if (found) {
        const chance = found[`${ofConsensus}_null`];
        return { value: found[ofConsensus]!, ...(chance != null && { null: chance }) };
      }
      const { MEASURES } = await import("../../src/index.ts");
      return MEASURES.get(name)!.of(run, context);
    },
  };
}

/** Of SAEs that were trained alone, for as long, on the same rows, from seeds that no arm has. */
const independent: Measure = {
  name: "independent_mcc",
  label: "MCC with independent SAEs",
  async of(run, context): Promise<StudyNumber | undefined> {
    const { loadSae, matchOneToOne, nullSimilarity } = await import("../../src/index.ts");
    const { backend } = context;
    const [, world, trained] = run.arm.split(".");
    const length = trained === "longer" ? "long" : trained;
    const none = context.run(`none.${world}.${length}`, run.seed);
    if (!none) return undefined;
    const outside = none.evaluation.members.filter(({ coupled }) => !coupled);
    const judges = await Promise.all(
      outside.map(({ name }) => loadSae(backend, none.folder.file("saes", name))),
    );
    const theirs = await atomsOf(judges, context);
    const values: number[] = [];
    const saes = await saesOf(run, context);
    for (const own of await atomsOf(saes, context))
      for (const other of theirs) values.push((await matchOneToOne(backend, own, other)).mean);
    const [{ dSae: n, dIn: d }, { dSae: m }] = [saes[0]!, judges[0]!];
    const chance = await nullSimilarity(backend, { n, m, d });
    return { value: mean(values), null: chance.mcc };
  },
};

/** Two atoms of one SAE above this cosine are taken for the same. */
const TWIN = 0.9;

/** The largest cosine of every atom with another of its SAE. */
async function nearest(run: StudyRun, context: MeasureContext): Promise<Float32Array[]> {
  const atoms = await atomsOf(await saesOf(run, context), context);
  return atoms.map(({ unit, count, d }) =>
    Float32Array.from({ length: count }, (_, f) => {
      let most = -1;
      for (let g = 0; g < count; g++) {
        if (g === f) continue;
        let cosine = 0;
        for (let k = 0; k < d; k++) cosine += unit[f * d + k]! * unit[g * d + k]!;
        most = Math.max(most, cosine);
      }
      return most;
    }),
  );
}

const collinearity: Measure = {
  name: "max_collinearity",
  label: "max collinearity",
  async of(run, context) {
    const all = await nearest(run, context);
    return { value: mean(all.map((cosines) => cosines.reduce((a, b) => Math.max(a, b)))) };
  },
};

const twins: Measure = {
  name: "twins",
  label: `atoms with a twin (cosine ≥ ${TWIN})`,
  show: "percent",
  async of(run, context) {
    const all = await nearest(run, context);
    return { value: mean(all.map((c) => c.filter((v) => v >= TWIN).length / c.length)) };
  },
};

export const measures: readonly (string | Measure)[] = [
  also("fvu", "held-out FVU", "fvu"),
  also("gt_mcc", "GT-MCC", "gt_mcc"),
  independent,
  "pw_mcc",
  "dead_fraction",
  collinearity,
  twins,
  "training_fvu_change",
  "steps",
  "step_cost",
];
