/** @file One seed: both populations, their loss by epoch, and held-out FVU and L0. */

import type { ArmNumbers, ComputeContext } from "../../src/index.ts";
import { readEvaluation } from "../../src/runs/results.ts";
import type { RunFolder } from "../../src/runs/run-folder.ts";
import { logLines } from "../../src/runs/run-log.ts";
import { EPOCHS, KINDS, type Kind } from "./arms.ts";

/** A line of the log, as far as it is read. */
interface Line {
  readonly activations: number;
  readonly members: Readonly<Record<string, { readonly mse: number }>>;
}

/** The name of the measure: unexplained variance in the last of some epochs. */
export const unexplained = (epochs: number) => `unexplained_${epochs}`;

/**
 * Mean over the batches of an epoch of the mean squared error, by number of epochs. Rows are
 * standardised, so it is what the published figure calls unexplained variance.
 */
async function byEpoch(folder: RunFolder, rows: number, member: string) {
  const lines: Line[] = [];
  for await (const line of logLines(folder, "metrics.jsonl")) lines.push(line as unknown as Line);
  const errors: Record<string, number> = {};
  for (const epochs of EPOCHS) {
    const inside = lines.filter(
      ({ activations }) => activations > (epochs - 1) * rows && activations <= epochs * rows,
    );
    if (inside.length === 0) continue;
    const sum = inside.reduce((total, { members }) => total + members[member]!.mse, 0);
    errors[unexplained(epochs)] = sum / inside.length;
  }
  return errors;
}

/** All arms under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const found: ArmNumbers[] = [];
  for (const [kind, { alphas, architecture, normalize }] of Object.entries(KINDS)) {
    const wanted = alphas.filter((alpha) => context.arms.includes(`${kind}.${alpha}`));
    if (wanted.length === 0) continue;
    const run = {
      name: kind as Kind,
      config: "rows.yaml",
      settings: [
        `population.architecture=${architecture}`,
        `population.l1=[${wanted.join(", ")}]`,
        `source.normalize=${normalize}`,
      ],
    };
    const source = await context.open(run);
    const rows = source.train.rowsPerPass!;
    await source.close();
    const folder = await context.train(run);
    const evaluation = await readEvaluation(folder);
    const of: ArmNumbers[] = [];
    for (const { name, label, metrics } of evaluation!.members) {
      const { fvu, l0, dead_fraction: dead } = metrics;
      of.push({
        arm: `${kind}.${label["l1"] ?? wanted[0]}`,
        seed,
        numbers: {
          rows,
          fvu: fvu!,
          l0: l0!,
          dead_fraction: dead!,
          ...(await byEpoch(folder, rows, name)),
        },
      });
    }
    const byL0 = of.toSorted((a, b) => a.numbers["l0"]! - b.numbers["l0"]!);
    const along = (name: string) => byL0.map(({ numbers }) => numbers[name]!);
    // The first arm of a kind keeps its frontier.
    of[0] = { ...of[0]!, curves: { frontier: { x: along("l0"), y: along("fvu") } } };
    found.push(...of);
    context.told(`${kind}: ${wanted.length} SAEs`);
  }
  return found;
}
