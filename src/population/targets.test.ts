/** Populations on streams whose rows are to be reconstructed as something else, coupled by MFR. */
import { expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { fvu } from "../metrics/fvu.ts";
import type { ActivationStream, RowReader } from "../sources/source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./couplings/mfr.ts";
import { createPopulation } from "./create-population.ts";
import { populationState } from "./state.ts";
import { trainPopulation } from "./train-population.ts";

const [D_IN, ROWS, BATCH] = [12, 512, 32];
const backend = openNamed(backendNames.at(-1)!);

/** Two of four directions at a time, and the same with noise. */
const directions = normals("population/directions", 4 * D_IN);
const clean = new Float32Array(ROWS * D_IN).map((_, i) => {
  const [row, j] = [Math.floor(i / D_IN), i % D_IN];
  return directions[(row % 4) * D_IN + j]! - directions[((row + 1) % 4) * D_IN + j]!;
});
const noise = normals("population/noise", ROWS * D_IN, 1);
const noisy = clean.map((v, i) => v + noise[i]!);

/** Rows in order, over and over; with `targets`, what each is to become. */
function streamOf(rows: Float32Array, targets?: Float32Array): ActivationStream {
  let at = 0;
  return {
    rowsPerPass: ROWS,
    hasTargets: targets !== undefined,
    async next(out, into) {
      out.set(rows.subarray(at, at + out.length));
      if (targets) into!.set(targets.subarray(at, at + out.length));
      at = (at + out.length) % rows.length;
    },
    state: () => ({ at }),
    seek: async () => {},
  };
}

async function trained(stream: ActivationStream, totalSteps: number) {
  const options = { dIn: D_IN, dSae: 16, k: 2, lr: 3e-3, seeds: [0, 1], batch: BATCH };
  const population = await createPopulation(backend, options);
  const mfr = { ...MFR_DEFAULTS, weight: 0.1, warmupSteps: 5, seed: 0 };
  const coupling = new MutualFeatureRegularization(population, mfr);
  const run = { population, stream, coupling, firstStep: 0, totalSteps, clock: () => 0 };
  const steps = [];
  for await (const { members, couplingLoss } of trainPopulation(run))
    steps.push({ members, couplingLoss });
  return { population, steps, state: populationState(population, coupling) };
}

test("rows that are named as their own targets train to the same bytes", async () => {
  const alone = await trained(streamOf(noisy), 20);
  const named = await trained(streamOf(noisy, noisy), 20);
  expect(named.steps).toEqual(alone.steps);
  expect(named.state).toEqual(alone.state);
});

test("a population learns what its targets ask for, and is judged by them", async () => {
  const reader: RowReader = {
    rows: ROWS,
    hasTargets: true,
    async read(start, out, targets) {
      out.set(noisy.subarray(start * D_IN, start * D_IN + out.length));
      targets?.set(clean.subarray(start * D_IN, start * D_IN + out.length));
    },
  };
  const fvuOf = async (stream: ActivationStream) => {
    const { population } = await trained(stream, 400);
    const sums = await evaluateSaes(
      backend,
      population.members.map((m) => m.sae.inference()),
      reader,
      D_IN,
    );
    expect(sums[0]!.variance).toBeCloseTo(varianceOfClean(), 2);
    return sums.map((s) => fvu.compute(s));
  };
  const [pairs, rows] = [await fvuOf(streamOf(noisy, clean)), await fvuOf(streamOf(noisy))];
  for (const [i, value] of pairs.entries()) expect(value).toBeLessThan(0.8 * rows[i]!);
});

/** Σ‖x − mean‖² of the clean rows. */
function varianceOfClean(): number {
  let variance = 0;
  for (let j = 0; j < D_IN; j++) {
    const column = Array.from({ length: ROWS }, (_, r) => clean[r * D_IN + j]!);
    const mean = column.reduce((sum, v) => sum + v / ROWS, 0);
    variance += column.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  }
  return variance;
}

test("a target that is not finite stops training, naming its row", async () => {
  const bad = clean.slice();
  bad[3 * D_IN] = Number.NaN;
  await expect(trained(streamOf(noisy, bad), 2)).rejects.toThrow(
    /Step 1: the target of row 3 of the batch holds a value that is not finite/,
  );
});
