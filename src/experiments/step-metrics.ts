/**
 * @file A line of metrics.jsonl: what the logged step's batch showed, the same for the same config,
 *   seed and instruction set.
 */

import type { Population } from "../population/population.ts";
import type { PopulationStep } from "../population/train-population.ts";
import type { AgreementMetrics } from "./training-agreement.ts";

/** Σ‖x − mean‖² of a batch [rows, dIn]. */
async function batchVariance(population: Population, x: Float32Array): Promise<number> {
  const { backend, batch, dIn } = population;
  const sum = backend.float32(dIn);
  await backend.weightedRowSum({ matrix: x, rows: batch, columns: dIn, out: sum });
  let variance = 0;
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < dIn; j++) variance += (x[b * dIn + j]! - sum[j]! / batch) ** 2;
  return variance;
}

/**
 * Metrics of the step by member. `fvu` is that of the training batch (of its targets), before the
 * update. `dead` counts latents that have not fired for the AuxK window, or for ten million
 * activations.
 *
 * @param agreement Of the population after the update, at a step that measures it.
 */
export async function stepMetrics(
  population: Population,
  step: PopulationStep,
  agreement?: AgreementMetrics,
) {
  const variance = await batchVariance(population, step.target);
  const members = Object.fromEntries(
    step.members.map((m, i) => {
      const member = population.members[i]!;
      return [
        member.name,
        {
          loss: m.loss,
          fvu: (m.squaredError * population.batch) / variance,
          mse: m.squaredError / population.dIn,
          l0: m.l0,
          l1: m.l1,
          dead: member.sae.deadLatents(),
          lr: m.lr,
          ...(m.auxLoss === undefined ? {} : { aux_loss: m.auxLoss }),
          ...(m.gradientNorm === undefined ? {} : { gradient_norm: m.gradientNorm }),
          ...(m.activityScore === undefined ? {} : { activity_score: m.activityScore }),
          ...agreement?.members[i],
        },
      ];
    }),
  );
  return {
    activations: (step.step + 1) * population.batch,
    members,
    coupling_loss: step.couplingLoss,
    ...agreement?.population,
  };
}
