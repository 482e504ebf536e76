/**
 * The contract of `Trainable` is all that a population needs. An SAE that shares no code with the
 * fused step trains with a coupling, is checkpointed, resumed, evaluated and planned.
 */
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { ToyTrainable } from "../../test/support/toy-trainable.ts";
import { countingBackend } from "../backend/counting-backend.ts";
import { totalBytes } from "../base/bytes.ts";
import { type Tensor, tensor } from "../base/tensor.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { architectureNamed } from "../sae/registry.ts";
import type { TrainableContext } from "../sae/trainable.ts";
import type { ActivationStream } from "../sources/source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./couplings/mfr.ts";
import {
  allocatePopulation,
  initialisePopulation,
  type MemberSettings,
  populationBytes,
} from "./population.ts";
import { populationState, restorePopulation, stateBytes } from "./state.ts";
import { trainPopulation } from "./train-population.ts";

const [BATCH, D_IN, D_SAE, STEPS] = [24, 6, 10, 20];
const SCHEDULE = { warmupSteps: 0, decayStart: undefined };

function toy(seed: number, dSae = D_SAE): MemberSettings {
  const create = (context: TrainableContext) => new ToyTrainable(context, dSae);
  return { name: `toy-${seed}`, seed, lr: 0.05, schedule: SCHEDULE, create };
}

/** Two toys and an SAE of the fused step, all coupled. */
function mixed(backend = reference) {
  const shape = { dIn: D_IN, dSae: D_SAE };
  const tied = architectureNamed("topk_tied");
  const options = { ...tied.defaults(shape), k: 2 };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const fused: MemberSettings = {
    name: "fused",
    seed: 2,
    lr: 0.01,
    schedule: SCHEDULE,
    create: (context) => tied.create(context, { dSae: D_SAE, options, adam }),
  };
  const members = [toy(0), toy(1, D_SAE + 2), fused];
  const population = allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
  const options2 = { ...MFR_DEFAULTS, weight: 0.5, warmupSteps: 3, refreshEvery: 3, seed: 0 };
  const coupling = new MutualFeatureRegularization(population, options2);
  let at = 0;
  const stream: ActivationStream = {
    rowsPerPass: undefined,
    async next(out) {
      out.set(normals(`toys/${at++}`, out.length));
    },
    state: () => ({ at }),
    async seek(state) {
      at = Number(state["at"]);
    },
  };
  return { population, coupling, stream };
}

async function train(run: ReturnType<typeof mixed>, firstStep: number, totalSteps: number) {
  const losses: number[] = [];
  let position = run.stream.state();
  for await (const step of trainPopulation({ ...run, firstStep, totalSteps, clock: () => 0 })) {
    losses.push(step.couplingLoss, ...step.members.map((m) => m.loss));
    position = step.streamState;
  }
  return { losses, position };
}

test("the toy's gradient is that of its loss", async () => {
  const context = { backend: reference, dIn: D_IN, batch: BATCH, shared: new Map() };
  const member = new ToyTrainable(context, D_SAE);
  await member.initialise({ seed: 3, restart: 0 });
  const x = normals("gradient", BATCH * D_IN);
  const lossAt = async (weights: Float32Array) => {
    await member.load({ arrays: { weights }, json: { steps: 0 } });
    const { residual } = await member.forward({ x });
    return residual.reduce((sum, r) => sum + r * r, 0) / BATCH;
  };
  const start = member.weights.slice();
  const gradient = member.gradient(await member.forward({ x }));
  for (const i of [0, 7, 33]) {
    const at = (h: number) => lossAt(start.map((w, j) => (j === i ? w + h : w)));
    const difference = ((await at(2 ** -10)) - (await at(-(2 ** -10)))) * 2 ** 9;
    expect(gradient[i]).toBeCloseTo(difference, 3);
  }
});

test("toys learn, and a coupling pulls them and an SAE of the fused step together", async () => {
  const run = mixed();
  await initialisePopulation(run.population);
  const { losses } = await train(run, 0, 60);
  const of = (member: number, step: number) => losses.at(4 * step + member)!;
  for (const member of [1, 2, 3]) expect(of(member, 59)).toBeLessThan(0.9 * of(member, 0));
  expect(of(0, 59)).toBeLessThan(0.8 * of(0, 5));
});

test("a population with toys that is restored at any step goes on to the same bytes", async () => {
  const whole = mixed();
  await initialisePopulation(whole.population);
  const { losses } = await train(whole, 0, STEPS);
  for (const step of [1, 8]) {
    const first = mixed();
    await initialisePopulation(first.population);
    const { losses: before, position } = await train(first, 0, step);
    const { tensors, json } = populationState(first.population, first.coupling);
    const copied = [...tensors].map(([name, t]): [string, Tensor] => {
      return [name, tensor(t.dtype, t.shape, t.data.slice())];
    });
    // What a file holds: JSON text, and tensors.
    const saved = { tensors: new Map(copied), json: JSON.parse(JSON.stringify(json)) };
    const second = mixed();
    await restorePopulation(second.population, second.coupling, saved, "checkpoint");
    await second.stream.seek(position);
    const { losses: after } = await train(second, step, STEPS);
    expect([...before, ...after]).toEqual(losses);
  }
});

test("toys are evaluated", async () => {
  const run = mixed();
  await initialisePopulation(run.population);
  const rows = normals("held out", 50 * D_IN);
  const reader = {
    rows: 50,
    async read(start: number, out: Float32Array) {
      out.set(rows.subarray(start * D_IN, start * D_IN + out.length));
    },
  };
  const saes = run.population.members.map(({ sae }) => sae.inference());
  const sums = await evaluateSaes(reference, saes, reader, D_IN);
  for (const { squaredError, active } of sums) {
    expect(squaredError).toBeGreaterThan(0);
    expect(active).toBeGreaterThan(0);
  }
});

test("toys are planned without being allocated", () => {
  const counter = countingBackend(reference);
  const { population, coupling } = mixed(counter.backend);
  const use = { activations: 1000, hasTargets: false };
  const parts = population.members.map(({ sae }) => sae.bytes(use));
  const held = [...parts.flatMap((part) => part.held), ...populationBytes(population, false)];
  expect(held.filter(({ what }) => what === "toys")).toHaveLength(2);
  expect(totalBytes(held)).toBeGreaterThan(8 * D_IN * (2 * D_SAE + 2));
  expect(stateBytes(population, coupling)).toBeGreaterThan(4 * D_IN * (2 * D_SAE + 2));
  expect(coupling.bytes(population).scratch).toBeGreaterThan(0);
});
