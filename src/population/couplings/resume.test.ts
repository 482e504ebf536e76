/** Runs with each kind of coupling go on after a checkpoint as if nothing had happened. */
import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { type Tensor, tensor } from "../../base/tensor.ts";
import { camelKeys } from "../../formats/key-case.ts";
import type { ActivationStream } from "../../sources/source.ts";
import { createPopulation } from "../create-population.ts";
import { populationState, restorePopulation } from "../state.ts";
import { trainPopulation } from "../train-population.ts";
import { couplingSchema, createCoupling } from "./registry.ts";

const [BATCH, D_IN] = [40, 6];

function stream(): ActivationStream {
  let at = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      out.set(normals(`rows/${at++ % 8}`, out.length));
    },
    state: () => ({ at }),
    async seek(state) {
      at = Number(state["at"]);
    },
  };
}

/** A state as a checkpoint's files hold it. */
function copied({ tensors, json }: ReturnType<typeof populationState>) {
  const copies = [...tensors].map(([name, t]): [string, Tensor] => {
    return [name, tensor(t.dtype, t.shape, t.data.slice())];
  });
  return { tensors: new Map(copies), json: JSON.parse(JSON.stringify(json)) };
}

test.each([
  { kind: "mfr", anneal: { start: 0.2, end: 0.7 }, apart: { above: 0.1 } },
  { kind: "correlated", refresh_every: 4, least_correlation: 0.1 },
  { kind: "teacher", momentum: 0.8 },
  { kind: "teacher", direction: "one_way", refresh_every: 3, pairs_per_step: 1 },
  { kind: "frequency", matching: "symmetric_max" },
])("%j goes on after a checkpoint as if nothing had happened", async (keys) => {
  const STEPS = 23;
  const options = camelKeys(couplingSchema.parse({ weight: 1, warmup_steps: 0, ...keys }));
  const rule = { target: "calibrated", threshold: 0.1, coolDownSteps: 6 } as const;
  const beginning = async () => {
    const seeds = [0, 1, 2];
    const shape = { architecture: "topk_tied", dIn: D_IN, dSae: 12, k: 3, lr: 0.01, batch: BATCH };
    const population = await createPopulation(reference, { ...shape, seeds });
    const context = { coupled: seeds, seed: 0 };
    return { population, coupling: createCoupling(population, options, context)! };
  };
  const train = async (
    run: Awaited<ReturnType<typeof beginning>>,
    firstStep: number,
    upTo: number,
  ) => {
    const rows = stream();
    await rows.seek({ at: firstStep });
    const losses: number[] = [];
    let restarts = 0;
    for await (const { step, couplingLoss, members } of trainPopulation({
      ...run,
      stream: rows,
      firstStep,
      totalSteps: STEPS,
      reinitialise: rule,
      clock: () => 0,
    })) {
      losses.push(couplingLoss, ...members.map(({ loss }) => loss));
      restarts += members.filter(({ reinitialised }) => reinitialised).length;
      if (step + 1 === upTo) break;
    }
    return { losses, restarts };
  };
  const whole = await train(await beginning(), 0, STEPS);
  expect(whole.restarts).toBeGreaterThan(0);
  for (const step of [1, 9, 18]) {
    const first = await beginning();
    const { losses: before } = await train(first, 0, step);
    const saved = copied(populationState(first.population, first.coupling));
    const second = await beginning();
    await restorePopulation(second.population, second.coupling, saved, "checkpoint");
    const { losses: after } = await train(second, step, STEPS);
    expect([...before, ...after]).toEqual(whole.losses);
  }
});
