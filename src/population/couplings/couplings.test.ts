/**
 * What the kinds of coupling pull, and how hard: gradients by finite differences, what each leaves
 * alone, schedules, and memory.
 */
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed, reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { ToyTrainable } from "../../../test/support/toy-trainable.ts";
import { countingBackend } from "../../backend/counting-backend.ts";
import { camelKeys } from "../../formats/key-case.ts";
import type { ActivationStream } from "../../sources/source.ts";
import { createPopulation } from "../create-population.ts";
import {
  allocatePopulation,
  initialisePopulation,
  type MemberSettings,
  type Population,
} from "../population.ts";
import { trainPopulation } from "../train-population.ts";
import { correlation } from "./edge-weights.ts";
import { type CouplingConfig, couplingSchema, couplingTitle, createCoupling } from "./registry.ts";

const [BATCH, D_IN, D_SAE] = [40, 6, 9];
const KINDS = ["mfr", "correlated", "teacher", "frequency"] as const;

/** A coupling as a config describes it; every step pulls with the whole weight. */
function config(keys: object): CouplingConfig {
  return camelKeys(couplingSchema.parse({ weight: 1, warmup_steps: 0, ...keys }));
}

function toys(count = 3, backend = reference): Population {
  const schedule = { warmupSteps: 0, decayStart: undefined };
  const members = Array.from(
    { length: count },
    (_, seed): MemberSettings => ({
      name: `toy-${seed}`,
      seed,
      lr: 0.05,
      schedule,
      create: (context) => new ToyTrainable(context, D_SAE),
    }),
  );
  return allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
}

const allOf = ({ members }: Population) => members.map((_, i) => i);

const now = (step = 0, totalSteps = 100, name = "rows") => ({
  step,
  totalSteps,
  batch: { x: normals(name, BATCH * D_IN) },
});

async function started(keys: object, count = 3, backend = reference) {
  const population = toys(count, backend);
  await initialisePopulation(population);
  const coupling = createCoupling(population, config(keys), {
    coupled: allOf(population),
    seed: 0,
  })!;
  return { population, coupling };
}

/** Sets one weight of a member and renews its atoms. */
async function nudge({ members }: Population, member: number, at: number, by: number) {
  const sae = members[member]!.sae as ToyTrainable;
  const weights = sae.weights.slice();
  weights[at]! += by;
  await sae.load({ arrays: { weights }, json: { steps: 0 } });
}

describe.each([...backendNames])("on %s gradients are those of the loss", (name) => {
  const H = 2 ** -9;
  test.each([
    { kind: "mfr" },
    { kind: "mfr", matching: "symmetric_max", pair_norm: "sum" },
    { kind: "correlated", least_correlation: 0.1 },
    { kind: "frequency" },
    { kind: "mfr", weight: 0, apart: { weight: 2, above: 0.2 } },
    { kind: "mfr", apart: { weight: 2, above: 0.2 } },
  ])("%j", async (keys) => {
    const { population, coupling } = await started(keys, 3, openNamed(name));
    const { gradients } = await coupling.pull(population, now());
    const found = gradients.map((g) => g?.slice());
    let pulled = 0;
    for (const [member, at] of [
      [0, 3],
      [1, 17],
      [2, 40],
      [2, 11],
      [0, 29],
      [1, 50],
    ] as const) {
      const lossAt = async (by: number) => {
        await nudge(population, member, at, by);
        const { loss } = await coupling.pull(population, now());
        await nudge(population, member, at, -by);
        return loss;
      };
      const difference = ((await lossAt(H)) - (await lossAt(-H))) / (2 * H);
      expect(found[member]![at]).toBeCloseTo(difference, 3);
      if (Math.abs(difference) > 0.003) pulled++;
    }
    expect(pulled).toBeGreaterThan(2);
  });
});

test("what a teacher pulls is the gradient towards its saved atoms", async () => {
  const { population, coupling } = await started({ kind: "teacher", momentum: 0.9 }, 2);
  await coupling.pull(population, now(0));
  for (let at = 0; at < D_SAE * D_IN; at++) await nudge(population, 1, at, Math.sin(at));
  const { gradients, loss } = await coupling.pull(population, now(1));
  const { arrays } = coupling.save();
  // Sides 2 and 3 are the teachers of members 0 and 1.
  const target = arrays["teacher.0.unit"]!;
  const columns = arrays["pair.1.2.columns"]!;
  const { unit, parameter } = population.members[1]!.sae.dictionary();
  const moved = population.members[0]!.sae.dictionary().unit;
  expect(target).toEqual(moved);
  let sum = 0;
  for (let f = 0; f < D_SAE; f++) {
    const own = unit.subarray(f * D_IN, (f + 1) * D_IN);
    const to = target.subarray(columns[f]! * D_IN, (columns[f]! + 1) * D_IN);
    const cosine = own.reduce((total, v, k) => total + v * to[k]!, 0);
    const length = Math.hypot(...parameter!.subarray(f * D_IN, (f + 1) * D_IN));
    const wanted = [...own].map((v, k) => -(to[k]! - cosine * v) / (length * D_SAE));
    expectAllclose(gradients[1]!.subarray(f * D_IN, (f + 1) * D_IN), wanted, { atol: 1e-6 }, "g");
    sum += (1 - cosine) / D_SAE;
  }
  // Member 1's own teacher lags behind it, and member 0 is pulled there.
  const lagging = arrays["teacher.1.unit"]!;
  expect(lagging).not.toEqual(unit);
  expect(loss).toBeGreaterThan(sum);
});

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

/** Weights of all members after some steps, and the coupling's losses. */
async function trained(keys: object, steps = 25, count = 3) {
  const { population, coupling } = await started(keys, count);
  const losses: number[] = [];
  const run = { population, coupling, stream: stream(), firstStep: 0, totalSteps: steps };
  for await (const step of trainPopulation({ ...run, clock: () => 0 }))
    losses.push(step.couplingLoss);
  const weights = population.members.map(({ sae }) => (sae as ToyTrainable).weights);
  return { losses, weights };
}

describe("what each kind leaves alone", () => {
  test("teachers without momentum that are followed both ways are MFR", async () => {
    const mfr = await trained({ kind: "mfr" });
    const teachers = await trained({ kind: "teacher", momentum: 0 });
    for (const [i, weights] of mfr.weights.entries())
      expectAllclose(teachers.weights[i]!, weights, { rtol: 1e-4, atol: 1e-5 }, `member ${i}`);
    // Each pair is counted from both sides.
    expectAllclose(
      teachers.losses,
      mfr.losses.map((loss) => 2 * loss),
      { rtol: 1e-4 },
      "loss",
    );
  });

  test("nothing pulls the first member one way, and the others come to it", async () => {
    const alone = await trained({ weight: 0, apart: { above: 0.999999, weight: 1e-9 } });
    const keys = { kind: "teacher", direction: "one_way", momentum: 0 };
    const { weights, losses } = await trained(keys);
    expect(weights[0]).toEqual(alone.weights[0]);
    expect(weights[1]).not.toEqual(alone.weights[1]);
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
  });

  test("of correlated latents, none above every correlation, and all above none", async () => {
    const pullAt = async (least_correlation: number) => {
      const { population, coupling } = await started({ kind: "correlated", least_correlation });
      return coupling.pull(population, now());
    };
    const none = await pullAt(1);
    expect(none.loss).toBe(0);
    expect(none.gradients.every((g) => g!.every((v) => v === 0))).toBe(true);
    const { population, coupling } = await started({ kind: "mfr" });
    const mfr = await coupling.pull(population, now());
    const all = await pullAt(-1);
    expect(all.loss).toBeCloseTo(mfr.loss, 5);
    expect(all.gradients).toEqual(mfr.gradients);
    const some = await pullAt(0.2);
    expect(some.loss).toBeGreaterThan(0);
    expect(some.loss).toBeLessThan(mfr.loss);
  });

  test.each(["correlated", "frequency"])("%s: silent latents", async (kind) => {
    const keys = { kind, ...(kind === "correlated" ? { least_correlation: -1 } : {}) };
    const { population, coupling } = await started(keys, 2);
    // Rows that no latent but those of positive first weights can answer.
    const x = new Float32Array(BATCH * D_IN);
    for (let b = 0; b < BATCH; b++) x[b * D_IN] = 1 + (b % 3);
    const { gradients } = await coupling.pull(population, {
      step: 0,
      totalSteps: 9,
      batch: { x },
    });
    for (const [i, { sae }] of population.members.entries()) {
      const { unit } = sae.dictionary();
      for (let f = 0; f < D_SAE; f++) {
        const own = gradients[i]!.subarray(f * D_IN, (f + 1) * D_IN);
        if (unit[f * D_IN]! < 0) expect(own.every((v) => v === 0)).toBe(true);
      }
      expect(gradients[i]!.some((v) => v !== 0)).toBe(true);
    }
  });

  test("atoms far from each other are free, and near ones part", async () => {
    const { population, coupling } = await started({ weight: 0, apart: { above: 0.9 } }, 2);
    const sae = population.members[0]!.sae as ToyTrainable;
    const weights = sae.weights.slice();
    // The second atom becomes nearly the first.
    for (let k = 0; k < D_IN; k++) weights[D_IN + k] = weights[k]! + 0.1 * Math.cos(k);
    await sae.load({ arrays: { weights }, json: { steps: 0 } });
    const { gradients, work, loss } = await coupling.pull(population, now());
    expect(work).toEqual({ pushed: 1 });
    expect(loss).toBeGreaterThan(0);
    const free = gradients[0]!.subarray(2 * D_IN);
    expect(free.every((v) => v === 0)).toBe(true);
    expect(gradients[1]!.every((v) => v === 0)).toBe(true);
    const cosineAfter = (rate: number) => {
      const stepped = weights.map((w, k) => w - rate * gradients[0]![k]!);
      const [a, b] = [stepped.subarray(0, D_IN), stepped.subarray(D_IN, 2 * D_IN)];
      return a.reduce((sum, v, k) => sum + v * b[k]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
    };
    expect(cosineAfter(1)).toBeLessThan(cosineAfter(0));
  });
});

test("the weight grows, stays, falls and stays at zero", async () => {
  const anneal = { start: 0.5, end: 0.75 };
  const { population, coupling } = await started({ warmup_steps: 10, anneal }, 2);
  const lossAt = async (step: number) => (await coupling.pull(population, now(step))).loss;
  const full = await lossAt(30);
  expect(await lossAt(4)).toBeCloseTo(full / 2, 5);
  expect(await lossAt(49)).toBeCloseTo(full, 6);
  expect(await lossAt(62)).toBeGreaterThan(0.45 * full);
  expect(await lossAt(63)).toBeLessThan(0.55 * full);
  for (const step of [75, 99]) expect(await lossAt(step)).toBe(0);
  expect((await coupling.pull(population, now(80))).gradients).toEqual([]);
});

test("a weight that falls to zero must fall before it ends", () => {
  const parse = () => config({ anneal: { start: 0.7, end: 0.2 } });
  expect(parse).toThrow("expected start to be at most end");
});

test("the correlation of latents is Pearson's over all rows, zeros included", () => {
  const [a, b] = [
    [0, 2, 0, 1, 4],
    [1, 3, 0, 0, 5],
  ] as const;
  const code = (values: readonly number[]) => {
    const rows = values.flatMap((v, i) => (v === 0 ? [] : [i]));
    return {
      batch: values.length,
      indptr: Int32Array.of(0, rows.length),
      rows: Int32Array.from(rows),
      values: Float32Array.from(rows, (i) => values[i]!),
    };
  };
  // Products and squares of what is left of the means 1.4 and 1.8.
  expect(correlation(code(a), 0, code(b), 0)).toBeCloseTo(13.4 / Math.sqrt(11.2 * 18.8), 6);
  expect(correlation(code(a), 0, code([0, 0, 0, 0, 0]), 0)).toBe(Number.NEGATIVE_INFINITY);
  expect(correlation(code(a), 0, code([1, 1, 1, 1, 1]), 0)).toBe(Number.NEGATIVE_INFINITY);
});

test("kinds have titles, and one without a kind is MFR", () => {
  expect(config({}).kind).toBe("mfr");
  expect(KINDS.map(couplingTitle)).toEqual([
    "Mutual Feature Regularization",
    "MFR on correlated latents",
    "MFR with teachers",
    "MFR weighted by frequency",
  ]);
  expect(couplingTitle("repulsion")).toBe("repulsion");
});

test("codes that a coupling keeps are counted beforehand", async () => {
  const shape = { architecture: "topk_tied", dIn: 8, dSae: 16, k: 3, batch: 32, seeds: [0, 1, 2] };
  const heldBy = async (kind: string) => {
    let taken = 0;
    const counting = {
      ...reference,
      float32: (n: number) => {
        taken += 4 * n;
        return reference.float32(n);
      },
      int32: (n: number) => {
        taken += 4 * n;
        return reference.int32(n);
      },
      bytes: (n: number) => {
        taken += n;
        return reference.bytes(n);
      },
    };
    const population = await createPopulation(counting, shape);
    const context = { coupled: [0, 1, 2], seed: 0 };
    const coupling = createCoupling(population, config({ kind }), context)!;
    const batch = { x: normals("rows", 32 * 8) };
    const before = taken;
    await coupling.pull(population, { step: 0, totalSteps: 9, batch });
    const first = taken - before;
    await coupling.pull(population, { step: 1, totalSteps: 9, batch });
    const { held } = coupling.bytes(population);
    return { first, later: taken - before - first, held };
  };
  const [mfr, own] = [await heldBy("mfr"), await heldBy("correlated")];
  expect(own.first - mfr.first).toBe(own.held - mfr.held);
  expect(own.held - mfr.held).toBeGreaterThan(0);
  // The second step takes no more than MFR does.
  expect(own.later).toBe(mfr.later);
});

test.each(KINDS)("%s is made without memory by a plan", (kind) => {
  const counter = countingBackend(reference);
  const population = toys(3, counter.backend);
  const before = counter.bytes;
  const options = config({ kind, apart: {} });
  const coupling = createCoupling(population, options, { coupled: [0, 1, 2], seed: 0 })!;
  expect(counter.bytes - before).toBeGreaterThan(4 * 2 * 3 * D_SAE * D_IN);
  expect(coupling.bytes(population).scratch).toBeGreaterThan(0);
});
