import { expect, test } from "vitest";
import { quarterTurns } from "../../test/support/orbits.ts";
import { referenceBackend } from "../backend/reference/reference-backend.ts";
import { type Tensor, tensor } from "../base/tensor.ts";
import { openSyntheticSource } from "../domains/synthetic/synthetic-source.ts";
import { ARCHITECTURES, architectureNamed } from "../sae/registry.ts";
import { MFR_DEFAULTS, type MfrOptions, MutualFeatureRegularization } from "./couplings/mfr.ts";
import { createPopulation } from "./create-population.ts";
import { initialisePopulation } from "./population.ts";
import { populationState, restorePopulation } from "./state.ts";
import { trainPopulation } from "./train-population.ts";

const STEPS = 23;
const BATCH = 32;

async function beginning(options: Partial<MfrOptions>, architecture = "topk_tied") {
  const backend = referenceBackend();
  const population = await createPopulation(backend, {
    architecture,
    prefixes: 3,
    centroidRows: 64,
    // Single rows will do: what is computed does not ask what an orbit is of.
    symmetry: architectureNamed(architecture).needsOrbits ? quarterTurns(8) : undefined,
    dIn: 8,
    dSae: 16,
    k: 3,
    lr: 0.01,
    batch: BATCH,
    seeds: [0, 1, 2],
  });
  const mfr = { ...MFR_DEFAULTS, weight: 1, warmupSteps: 5, seed: 0, ...options };
  const coupling = new MutualFeatureRegularization(population, mfr);
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: 8,
    features: 12,
    groups: 3,
    active: 2,
    support: "per_sample",
  });
  return { population, coupling, stream: source.train };
}

type Beginning = Awaited<ReturnType<typeof beginning>>;

/** Every member starts again every so often. */
const RULE = { target: "calibrated", threshold: 0.3, coolDownSteps: 6 } as const;

/**
 * Losses of the coupling and of the members from `firstStep` to `totalSteps`, and the state after
 * the last.
 */
async function train(
  { population, coupling, stream }: Beginning,
  firstStep: number,
  totalSteps: number,
  reinitialise?: typeof RULE,
) {
  const losses: number[] = [];
  let position = stream.state();
  const run = { population, coupling, stream, firstStep, totalSteps, clock: () => 0 };
  for await (const step of trainPopulation({ ...run, reinitialise })) {
    losses.push(step.couplingLoss, ...step.members.map((m) => m.loss));
    position = step.streamState;
  }
  return { losses, position };
}

/** A state as a checkpoint holds it: the numbers of that moment. */
function copied({ tensors, json }: ReturnType<typeof populationState>) {
  const copy = ([name, t]: [string, Tensor]) =>
    [name, tensor(t.dtype, t.shape, t.data.slice())] as const;
  return { tensors: new Map([...tensors].map(copy)), json };
}

test.each([
  ["hungarian", {}],
  ["hungarian", { refreshEvery: 7 }],
  ["hungarian", { refreshEvery: 4, pairsPerStep: 1 }],
  ["max", { refreshEvery: 7 }],
  ["symmetric_max", { refreshEvery: 7, pairsPerStep: 2 }],
  ["hungarian", { refreshEvery: 9, pairsPerStep: 2 }, RULE],
  ["max", { refreshEvery: 100 }, RULE],
] as const)(
  "a population restored at any step goes on as if nothing had happened: %s %j %j",
  async (matching, options, rule?) => {
    const whole = await beginning({ matching, ...options });
    await initialisePopulation(whole.population);
    const { losses } = await train(whole, 0, STEPS, rule);
    for (const step of [1, 9, 18]) {
      const first = await beginning({ matching, ...options });
      await initialisePopulation(first.population);
      const { losses: before, position } = await train(first, 0, step, rule);
      const saved = copied(populationState(first.population, first.coupling));
      const second = await beginning({ matching, ...options });
      await restorePopulation(second.population, second.coupling, saved, "checkpoint");
      await second.stream.seek(position);
      const { losses: after } = await train(second, step, STEPS, rule);
      expect([...before, ...after]).toEqual(losses);
    }
  },
);

test.each(ARCHITECTURES.map(({ name }) => name))(
  "coupled members of %s come closer, and go on after a checkpoint as if nothing had happened",
  async (architecture) => {
    const options = { matching: "hungarian", refreshEvery: 3, weight: 3 } as const;
    const whole = await beginning(options, architecture);
    await initialisePopulation(whole.population);
    const { losses } = await train(whole, 0, STEPS);
    const coupling = losses.filter((_, i) => i % 4 === 0);
    expect(coupling.at(-1)).toBeLessThan(0.9 * coupling[5]!);
    const first = await beginning(options, architecture);
    await initialisePopulation(first.population);
    const { losses: before, position } = await train(first, 0, 7);
    const { tensors, json } = copied(populationState(first.population, first.coupling));
    const saved = { tensors, json: JSON.parse(JSON.stringify(json)) };
    const second = await beginning(options, architecture);
    await restorePopulation(second.population, second.coupling, saved, "checkpoint");
    await second.stream.seek(position);
    const { losses: after } = await train(second, 7, STEPS);
    expect([...before, ...after]).toEqual(losses);
  },
);
