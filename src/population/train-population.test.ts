import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../test/support/allclose.ts";
import { backendNames, nativeIsas, openNamed, reference } from "../../test/support/backends.ts";
import { linearMember, linearOf, linearSpec } from "../../test/support/linear.ts";
import { normals } from "../../test/support/random.ts";
import type { Backend } from "../backend/backend.ts";
import { bytesOf } from "../formats/typed-bytes.ts";
import { packWeights } from "../sae/linear/member.ts";
import type { ArchitectureOptions } from "../sae/registry.ts";
import type { ActivationStream } from "../sources/source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "./couplings/mfr.ts";
import { allocatePopulation, initialisePopulation } from "./population.ts";
import { populationState } from "./state.ts";
import { type PopulationStep, trainPopulation } from "./train-population.ts";

// Wide enough for the screen in low precision, 16 (k + 16) latents, and no multiple of any tile.
const [BATCH, D_IN, D_SAE, K, STEPS] = [83, 21, 345, 5, 8];

/** Rows of a few features around a mean, the same for the same position. */
function stream(): ActivationStream {
  const features = normals("features", 64 * D_IN);
  let row = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      for (let r = 0; r < out.length / D_IN; r++, row++)
        for (let j = 0; j < D_IN; j++) {
          const [a, b] = [(row * 7919) % 64, (row * 104729 + 13) % 64];
          out[r * D_IN + j] = 1 + features[a * D_IN + j]! + 0.7 * features[b * D_IN + j]!;
        }
    },
    state: () => ({ row }),
    async seek(state) {
      row = Number(state["row"]);
    },
  };
}

const KINDS: readonly (readonly [string, Partial<ArchitectureOptions>])[] = [
  ["topk", { k: K, auxK: { deadAfterTokens: 2 * BATCH } }],
  ["topk_tied", { k: K }],
  ["relu", { l1: 1e-3 }],
  ["relu_tied", { l1: 1e-3 }],
  ["relu_tied_reverse", { l1: 1e-3, biasStart: -0.2, biasDecay: 0.01 }],
  ["batchtopk", { k: K, auxK: { deadAfterTokens: 2 * BATCH } }],
  ["matryoshka", { k: K, prefixes: 3 }],
  ["jumprelu", { l0Coefficient: 0.1 }],
  ["jumprelu", { l0Coefficient: 0.1, penalty: "tanh", steToInput: true }],
  ["gated", { l1: 0.1 }],
];

/**
 * Two members of every architecture; the tied TopK ones are coupled, and start again when their
 * latents are too active.
 */
function population(backend: Backend, kinds = KINDS) {
  const members = kinds.flatMap(([name, options]) =>
    [0, 1].map((seed) =>
      linearMember({
        name: `${name}-${seed}`,
        dSae: D_SAE,
        seed,
        spec: linearSpec(name, { dIn: D_IN, dSae: D_SAE, ...options }),
        adam: { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
        schedule: { warmupSteps: 2, decayStart: 6 },
      }),
    ),
  );
  return allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
}

async function train(backend: Backend) {
  const trained = population(backend);
  await initialisePopulation(trained);
  const coupling = new MutualFeatureRegularization(
    trained,
    { ...MFR_DEFAULTS, weight: 1, seed: 0, warmupSteps: 3 },
    [2, 3],
  );
  const steps: PopulationStep[] = [];
  const reinitialise = { target: "calibrated", threshold: 30, coolDownSteps: 4 } as const;
  for await (const { batch: _, ...step } of trainPopulation({
    population: trained,
    stream: stream(),
    coupling,
    reinitialise,
    clock: () => 0,
    firstStep: 0,
    totalSteps: STEPS,
  }))
    steps.push(step as PopulationStep);
  return { steps, state: populationState(trained, coupling) };
}

/** Everything that a run leaves, as text that is equal when all its bytes are. */
function digest({ steps, state }: Awaited<ReturnType<typeof train>>): string {
  const hash = createHash("sha256").update(JSON.stringify([steps, state.json]));
  for (const [name, { data }] of state.tensors) hash.update(name).update(bytesOf(data));
  return hash.digest("hex");
}

test.each([...nativeIsas])(
  "on %s whole runs of every architecture are the same bytes for 1, 2 and 3 threads",
  async (isa) => {
    const one = await train(openNamed(isa, 1));
    expect(one.steps.some((s) => s.members.some((m) => (m.auxLoss ?? 0) > 0))).toBe(true);
    expect(one.steps.some((s) => s.members.some((m) => m.reinitialised))).toBe(true);
    for (const threads of [2, 3]) {
      const more = await train(openNamed(isa, threads));
      expect(digest(more)).toBe(digest(one));
    }
  },
);

const expected = train(reference);
test("members of several widths train in one population as each does alone", async () => {
  const trained = async (...widths: number[]) => {
    const members = widths.map((dSae) =>
      linearMember({
        name: `wide-${dSae}`,
        dSae,
        seed: 3,
        spec: linearSpec("relu_tied", { dIn: D_IN, dSae, l1: 1e-3 }),
        adam: { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
        schedule: { warmupSteps: 0, decayStart: undefined },
      }),
    );
    const population = allocatePopulation(reference, { dIn: D_IN, batch: BATCH, members });
    await initialisePopulation(population);
    const run = { population, stream: stream(), firstStep: 0, totalSteps: 4, clock: () => 0 };
    for await (const _ of trainPopulation(run));
    return population.members.map(({ sae }) => sae.dictionary().unit.slice());
  };
  const alone = [await trained(10), await trained(30)];
  expect(await trained(10, 30)).toEqual(alone.flat());
});

test.each([...nativeIsas])("on %s whole runs are those of the reference backend", async (isa) => {
  const [wanted, found] = [await expected, await train(openNamed(isa))];
  for (const [i, step] of wanted.steps.entries())
    for (const [m, member] of step.members.entries()) {
      const other = found.steps[i]!.members[m]!;
      const what = `step ${i + 1}, member ${m}`;
      expect(other.reinitialised, what).toBe(member.reinitialised);
      for (const key of ["loss", "auxLoss", "l1", "gradientNorm"] as const)
        expectAllclose([other[key] ?? 0], [member[key] ?? 0], { rtol: 2e-4, atol: 1e-6 }, what);
      // Whole latents, on either side of zero.
      expectAllclose([other.l0], [member.l0], { rtol: 2e-3 }, what);
    }
});

describe.each([...backendNames])("on %s numbers that are not finite are told at once", (name) => {
  async function firstStep(spoil: (p: ReturnType<typeof population>) => void, lr = 3e-3) {
    const trained = population(openNamed(name), KINDS.slice(0, 1));
    await initialisePopulation(trained);
    spoil(trained);
    for (const member of trained.members) await packWeights(trained.backend, linearOf(member));
    for (const member of trained.members) Object.assign(member, { lr });
    for (const member of trained.members) Object.assign(member.schedule, { warmupSteps: 0 });
    const options = { population: trained, firstStep: 0, totalSteps: 1, clock: () => 0 };
    for await (const _ of trainPopulation({ ...options, stream: stream() }));
  }

  test("a weight of one latent: step, member and row", async () => {
    await expect(
      firstStep(({ members }) => {
        linearOf(members[1]!).parameters.bias.parameter[300] = Number.NaN;
      }),
    ).rejects.toMatchObject({
      code: "numeric/not-finite",
      message: expect.stringMatching(/^Step 1, topk-1: \[encode\] Row 0 has scores that are not/),
    });
  });

  test("a weight that the step itself makes infinite: step, member and latent", async () => {
    await expect(firstStep(() => {}, 1e39)).rejects.toThrow(
      /^Step 1, topk-0: Latent \d+ is not finite any more\.$/,
    );
  });

  test("a gradient beyond all numbers, before it reaches a weight", async () => {
    let unit: Float32Array | undefined;
    let before: Float32Array | undefined;
    const failure = firstStep(({ members }) => {
      unit = linearOf(members[0]!).parameters.unit;
      before = unit.slice();
      const { encoder } = linearOf(members[0]!).parameters;
      encoder!.parameter.set(encoder!.parameter.map((weight) => 1e18 * weight));
    });
    await expect(failure).rejects.toThrow(/^Step 1, topk-0: The gradient's norm is Infinity\.$/);
    expect(unit).toEqual(before);
  });
});
