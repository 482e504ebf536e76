/**
 * Steps leave nothing in V8's old generation, where it would stay until a full collection: hundreds
 * of steps later. An object of a step that begins with a spread, { ...a, b }, would. V8 of Node 20
 * makes a hidden class for each property that is added to a clone. { b, ...a } does not.
 */
import { getHeapSpaceStatistics } from "node:v8";
import { describe, expect, test } from "vitest";
import { nativeIsas, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { mlpModel, tapeTrainable } from "../../test/support/tape-saes.ts";
import type { ActivationStream } from "../sources/source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./couplings/mfr.ts";
import { createPopulation } from "./create-population.ts";
import {
  allocatePopulation,
  initialisePopulation,
  type MemberSettings,
  type Population,
} from "./population.ts";
import { trainPopulation } from "./train-population.ts";

const [BATCH, D_IN, D_SAE] = [16, 8, 24];
const [WINDOWS, STEPS] = [9, 30];
const seeds = [0, 1, 2];

/** Bytes of objects that outlived a collection of the young generation, hidden classes included. */
function oldBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.includes("new"));
  return spaces.reduce((sum, space) => sum + space.space_used_size, 0);
}

function noise(): ActivationStream {
  const values = normals("rows", 64 * BATCH * D_IN);
  let at = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      const start = (at++ % 64) * out.length;
      out.set(values.subarray(start, start + out.length));
    },
    state: () => ({}),
    seek: async () => {},
  };
}

const KINDS = {
  topk: { k: 3, auxK: { deadAfterTokens: BATCH } },
  topk_tied: { k: 3 },
  relu: { l1: 0.1 },
  batchtopk: { k: 3 },
  matryoshka: { k: 3, prefixes: 3 },
  jumprelu: { l0Coefficient: 1 },
  gated: { l1: 0.1 },
};

// The kernels of the reference are closures that V8 optimises in the first thousands of steps.
describe.skipIf(nativeIsas.length === 0)("on the native core", () => {
  test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])("%s", async (architecture) => {
    const backend = openNamed(nativeIsas[0]!);
    const shape = { architecture, dIn: D_IN, dSae: D_SAE, batch: BATCH, seeds };
    await expectQuiet(await createPopulation(backend, { ...shape, ...KINDS[architecture] }));
  });

  test("an SAE on the tape", async () => {
    const backend = openNamed(nativeIsas[0]!);
    const options = { name: "mlp", dSae: D_SAE, record: mlpModel(3, 16) };
    const members = seeds.map((seed): MemberSettings => {
      const create: MemberSettings["create"] = (context) => tapeTrainable(context, options);
      const schedule = { warmupSteps: 0, decayStart: undefined };
      return { name: `seed-${seed}`, seed, lr: 1e-3, schedule, create };
    });
    const population = allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
    await initialisePopulation(population);
    await expectQuiet(population);
  });
});

/** Trains, and fails when steps leave something behind. */
async function expectQuiet(population: Population): Promise<void> {
  const coupling = new MutualFeatureRegularization(population, {
    ...MFR_DEFAULTS,
    weight: 0.1,
    seed: 0,
  });
  const totalSteps = (WINDOWS + 1) * STEPS;
  const steps = trainPopulation({
    population,
    coupling,
    stream: noise(),
    firstStep: 0,
    totalSteps,
    clock: () => 0,
  });
  const growths: number[] = [];
  let before = 0;
  for await (const { step } of steps) {
    if ((step + 1) % STEPS > 0) continue;
    const now = oldBytes();
    // The first steps compile.
    if (step >= STEPS) growths.push((now - before) / (STEPS * seeds.length));
    before = now;
  }
  // What steps leave is left in every window. A function is compiled in some of them, in more
  // where the processor is busy.
  const quiet = growths.sort((a, b) => a - b)[WINDOWS >> 2]!;
  expect(quiet, `bytes left by a member's step: ${growths.map(Math.round)}`).toBeLessThan(2000);
}
