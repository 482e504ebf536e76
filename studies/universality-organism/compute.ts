/** @file One data seed of the study: every population, and what its members' agreement tells. */

import { mean } from "../../src/base/statistics/mean.ts";
import { type ArmNumbers, type ComputeContext, judgeSaes } from "../../src/index.ts";
import { byFrequency, TIERS } from "./frequency.ts";
import { type Organism, trainOrganism } from "./organism.ts";
import { atStep, CURVES, EVERY, GRID, type Setting, SHOWN, TOGETHER, UNEVEN } from "./settings.ts";
import {
  correlation,
  excess,
  type MemberPoint,
  memberPoints,
  overLatents,
  overSteps,
  withinPopulations,
} from "./tracking.ts";

/** Held-out FVU and L0, means over members. */
async function reconstruction({ backend }: ComputeContext, { population, source }: Organism) {
  const saes = population.members.map(({ name, sae }) => ({ name, sae: sae.inference() }));
  const judged = await judgeSaes(backend, saes, source);
  return { fvu: mean(judged.map((one) => one.fvu)), l0: mean(judged.map((one) => one.l0)) };
}

/** All arms under one data seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const { backend, told, arms } = context;
  const isWanted = (name: string) => arms.some((arm) => arm === name || arm.startsWith(`${name}.`));
  const wanted = (settings: Readonly<Record<string, Setting>>) =>
    Object.entries(settings).filter(([name]) => isWanted(name));
  const results: ArmNumbers[] = [];
  const train = async (name: string, setting: Setting, every: number) => {
    const organism = await trainOrganism(context, setting, seed, every);
    const { pwMcc, gtMcc, step } = organism.points.at(-1)!;
    told(`${name}: ${step} steps, PW-MCC ${pwMcc.toFixed(3)}, GT-MCC ${gtMcc.toFixed(3)}`);
    const numbers = {
      pw_mcc: pwMcc,
      gt_mcc: gtMcc,
      latents_correlation: await overLatents(backend, organism),
      ...(await reconstruction(context, organism)),
    };
    return { organism, numbers, nulls: nullsOf(organism) };
  };

  for (const [name, setting] of wanted(CURVES)) {
    const { organism, numbers, nulls } = await train(name, setting, EVERY);
    const { points } = organism;
    const late = points.filter(({ step }) => step >= setting.steps / 3);
    const own = { steps_correlation: overSteps(points), late_correlation: overSteps(late) };
    results.push({ arm: name, seed, numbers: { ...numbers, ...own }, nulls });
    for (const { step, pwMcc, gtMcc } of points.filter(({ step }) => isShown(step)))
      results.push({
        arm: atStep(name, step),
        seed,
        numbers: { pw_mcc: pwMcc, gt_mcc: gtMcc },
        nulls,
      });
  }

  const cells: { pw: number; gt: number; pwOver: number; gtOver: number }[] = [];
  const members: MemberPoint[][] = [];
  for (const [name, setting] of arms.includes(TOGETHER) ? Object.entries(GRID) : wanted(GRID)) {
    const { organism, numbers, nulls } = await train(name, setting, setting.steps);
    results.push({ arm: name, seed, numbers, nulls });
    members.push(await memberPoints(backend, organism));
    const { pw_mcc: pw, gt_mcc: gt } = numbers;
    cells.push({ pw, gt, pwOver: excess(pw, nulls.pw_mcc), gtOver: excess(gt, nulls.gt_mcc) });
  }
  const over = (x: (cell: (typeof cells)[0]) => number, y: typeof x) =>
    correlation(cells.map(x), cells.map(y));
  if (arms.includes(TOGETHER))
    results.push({
      arm: TOGETHER,
      seed,
      numbers: {
        settings_correlation: over(
          ({ pw }) => pw,
          ({ gt }) => gt,
        ),
        excess_correlation: over(
          ({ pwOver }) => pwOver,
          ({ gtOver }) => gtOver,
        ),
        members_correlation: withinPopulations(members),
      },
    });

  for (const [name, setting] of wanted(UNEVEN)) {
    const { organism, numbers, nulls } = await train(name, setting, setting.steps);
    const found = await byFrequency(backend, organism);
    results.push({
      arm: name,
      seed,
      numbers: { ...numbers, frequency_correlation: found.correlation },
      nulls,
    });
    for (const [t, { density, consistency, truth }] of found.tiers.entries())
      results.push({
        arm: `${name}.${TIERS[t]}`,
        seed,
        numbers: { density, consistency, truth },
        nulls: { consistency: nulls.pw_mcc },
      });
  }
  return results;
}

const isShown = (step: number) => (SHOWN as readonly number[]).includes(step);

const nullsOf = ({ nulls }: Organism) => ({ pw_mcc: nulls.pwMcc, gt_mcc: nulls.gtMcc });
