/**
 * SAEs recorded on the tape train beside one of the fused step, coupled with it. They are resumed
 * to the same bytes, evaluated and planned.
 */
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { mlpModel, reluModel, tapeTrainable, topkModel } from "../../test/support/tape-saes.ts";
import { countingBackend } from "../backend/counting-backend.ts";
import { totalBytes } from "../base/bytes.ts";
import { type Tensor, tensor } from "../base/tensor.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { architectureNamed } from "../sae/registry.ts";
import type { RecordModel } from "../sae/tape/model.ts";
import type { ActivationStream } from "../sources/source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./couplings/mfr.ts";
import { allocatePopulation, initialisePopulation, type MemberSettings } from "./population.ts";
import { populationState, restorePopulation } from "./state.ts";
import { trainPopulation } from "./train-population.ts";

const [BATCH, D_IN, D_SAE, STEPS] = [24, 6, 10, 12];
const SCHEDULE = { warmupSteps: 0, decayStart: undefined };

function onTape(name: string, seed: number, record: RecordModel): MemberSettings {
  const create: MemberSettings["create"] = (context) =>
    tapeTrainable(context, { name, dSae: D_SAE, record });
  return { name: `${name}-${seed}`, seed, lr: 0.01, schedule: SCHEDULE, create };
}

/** Two SAEs with an encoder of two layers, a linear one, and one of the fused step; all coupled. */
function mixed() {
  const shape = { dIn: D_IN, dSae: D_SAE };
  const tied = architectureNamed("topk_tied");
  const options = { ...tied.defaults(shape), k: 2 };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const fused: MemberSettings = {
    name: "fused",
    seed: 3,
    lr: 0.01,
    schedule: SCHEDULE,
    create: (context) => tied.create(context, { dSae: D_SAE, options, adam }),
  };
  const mlp = mlpModel(3, 12);
  const members = [
    onTape("mlp", 0, mlp),
    onTape("mlp", 1, mlp),
    onTape("linear", 2, reluModel(0.1)),
  ];
  const all = { dIn: D_IN, batch: BATCH, members: [...members, fused] };
  const population = allocatePopulation(reference, all);
  const settings = { ...MFR_DEFAULTS, weight: 0.5, warmupSteps: 3, refreshEvery: 3, seed: 0 };
  const coupling = new MutualFeatureRegularization(population, settings);
  let at = 0;
  const stream: ActivationStream = {
    rowsPerPass: undefined,
    async next(out) {
      out.set(normals(`rows/${at++}`, out.length));
    },
    state: () => ({ at }),
    async seek(state) {
      at = Number(state["at"]);
    },
  };
  return { population, coupling, stream };
}

async function train(run: ReturnType<typeof mixed>, firstStep: number, totalSteps: number) {
  const losses: number[][] = [];
  let position = run.stream.state();
  for await (const step of trainPopulation({ ...run, firstStep, totalSteps, clock: () => 0 })) {
    losses.push([step.couplingLoss, ...step.members.map((m) => m.loss)]);
    position = step.streamState;
  }
  return { losses, position };
}

test("the coupling pulls SAEs of the tape and of the fused step together while they learn", async () => {
  const run = mixed();
  await initialisePopulation(run.population);
  const { losses } = await train(run, 0, 60);
  for (const member of [1, 2]) expect(losses[59]![member]).toBeLessThan(0.95 * losses[0]![member]!);
  expect(losses[59]![0]).toBeLessThan(0.9 * losses[5]![0]!);
});

test("a population that is restored at any step goes on to the same bytes", async () => {
  const whole = mixed();
  await initialisePopulation(whole.population);
  const { losses } = await train(whole, 0, STEPS);
  for (const step of [1, 7]) {
    const first = mixed();
    await initialisePopulation(first.population);
    const { losses: before, position } = await train(first, 0, step);
    const { tensors, json } = populationState(first.population, first.coupling);
    const copied = [...tensors].map(([name, t]): [string, Tensor] => {
      return [name, tensor(t.dtype, t.shape, t.data.slice())];
    });
    const saved = { tensors: new Map(copied), json: JSON.parse(JSON.stringify(json)) };
    const second = mixed();
    await restorePopulation(second.population, second.coupling, saved, "checkpoint");
    await second.stream.seek(position);
    const { losses: after } = await train(second, step, STEPS);
    expect([...before, ...after]).toEqual(losses);
  }
});

test("they are evaluated, whatever encodes them", async () => {
  const run = mixed();
  await initialisePopulation(run.population);
  await train(run, 0, 3);
  const rows = normals("held out", 50 * D_IN);
  const reader = {
    rows: 50,
    async read(start: number, out: Float32Array) {
      out.set(rows.subarray(start * D_IN, start * D_IN + out.length));
    },
  };
  const saes = run.population.members.map(({ sae }) => sae.inference());
  for (const sums of await evaluateSaes(reference, saes, reader, D_IN)) {
    expect(sums.squaredError).toBeGreaterThan(0);
    expect(sums.active).toBeGreaterThan(0);
  }
});

test.each([
  ["with atoms of their own", mlpModel(3, 12)],
  ["with a decoder kept at length one", topkModel(3)],
])("%s they are planned without being allocated, to the byte", (_, record) => {
  const counter = countingBackend(reference);
  const { backend } = counter;
  const context = { backend, dIn: D_IN, batch: BATCH, shared: new Map() };
  const sae = tapeTrainable(context, { name: "planned", dSae: D_SAE, record });
  const allocated = counter.bytes;
  const { held } = sae.bytes({ activations: 1000, hasTargets: false });
  // Counters in float64 do not come from a backend, and the atoms of before a step come with it.
  const later = 8 * D_SAE + 4 * D_SAE * D_IN;
  expect(totalBytes(held)).toBe(allocated + later);
});
