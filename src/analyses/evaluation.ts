/**
 * @file The evaluation: how well every member reconstructs unchanged held-out rows, in their units,
 *   and reasons to doubt it.
 */

import { float32Tensor, type Tensor } from "../base/tensor.ts";
import type {
  Analysis,
  AnalysisContext,
  AnalysisResults,
  EvaluationFound,
} from "../domains/analysis.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { latentDensity } from "../metrics/latent-density.ts";
import { RECONSTRUCTION_METRICS } from "../metrics/registry.ts";
import { readLatents } from "../runs/latents.ts";
import { resultWarnings } from "../runs/result-warnings.ts";
import { type EvaluationResult, readEvaluation } from "../runs/results.ts";

/** The input of the first analysis. */
export type EvaluationContext = Omit<AnalysisContext, "evaluation" | "agreement">;

/** Evaluates every member. */
async function evaluateMembers(context: EvaluationContext): Promise<EvaluationFound> {
  const { backend, members, source, steps, pause, phaseDone } = context;
  const { heldOut, dIn, train, provenance } = source;
  const saes = members.map(({ sae }) => sae);
  const sums = await evaluateSaes(backend, saes, heldOut, dIn, pause);
  phaseDone();
  const evaluated = members.map((member, i) => ({
    name: member.name,
    architecture: member.architecture,
    seed: member.seed,
    coupled: member.coupled,
    label: member.label,
    setting: member.setting,
    metrics: Object.fromEntries(RECONSTRUCTION_METRICS.map((m) => [m.name, m.compute(sums[i]!)])),
    density: latentDensity.compute(sums[i]!),
  }));
  const { variance, meanSquare } = sums[0]!;
  const warnings = resultWarnings({
    heldOutRows: heldOut.rows,
    variance: variance / (heldOut.rows * dIn),
    meanSquare: meanSquare / dIn,
    trainingRows: train.rowsPerPass,
    batch: context.batch,
    members: evaluated.map(({ name, architecture, metrics }, i) => ({
      name,
      architecture,
      metrics,
      lr: members[i]!.lr,
      latents: members[i]!.dictionary.count,
      trainingFvu: context.trainingFvu.get(name) ?? [undefined, undefined],
    })),
  });
  const { substitute } = provenance;
  const result: EvaluationResult = {
    rows: heldOut.rows,
    steps,
    ...(substitute === undefined ? {} : { substitute }),
    members: evaluated,
    warnings,
  };
  const densities = sums.map(({ activeRows, rows }) =>
    Float32Array.from(activeRows, (n) => n / rows),
  );
  return { result, densities };
}

/** `results/evaluation.json`, and the densities in `results/latents.safetensors`. */
function evaluationResults({ result, densities }: EvaluationFound): AnalysisResults {
  const latents = result.members.map(({ name }, i): [string, Tensor] => [
    `${name}.density`,
    float32Tensor([densities[i]!.length], densities[i]!),
  ]);
  return { json: { evaluation: result }, tensors: { latents: new Map(latents) } };
}

export const evaluation = {
  name: "evaluation",
  summary: "How well every member reconstructs held-out rows, and reasons to doubt it",
  applies: () => true,
  analyse: evaluateMembers,
  results: evaluationResults,
  async read(folder) {
    const result = await readEvaluation(folder);
    if (!result) return undefined;
    const latents = await readLatents(folder);
    const densities = result.members.map(
      ({ name }) => latents.get(`${name}.density`) ?? new Float32Array(0),
    );
    return { result, densities };
  },
} as const satisfies Analysis<EvaluationFound>;
