/**
 * When a coupling matches again: by the age of each pair's own matching, and after a member started
 * again.
 */
import { expect, test } from "vitest";
import { referenceBackend } from "../../backend/reference/reference-backend.ts";
import { openSyntheticSource } from "../../domains/synthetic/synthetic-source.ts";
import { createPopulation } from "../create-population.ts";
import { initialisePopulation } from "../population.ts";
import { trainPopulation } from "../train-population.ts";
import type { Coupling } from "./coupling.ts";
import { MFR_DEFAULTS, type MfrOptions, MutualFeatureRegularization } from "./mfr.ts";

/** What one step of the coupling did. */
interface Seen {
  readonly step: number;
  /** Members that were pulled. */
  readonly pulled: readonly number[];
  /** The step in which each pair was last matched, "0.1" for example; −1: never. */
  readonly matchedAt: Readonly<Record<string, number>>;
  /** Matchings that were brought up to date. */
  readonly matchings: number;
  /** Members that started again after it. */
  readonly restarted: readonly number[];
}

/**
 * What a coupling of four members does in `steps` steps, with the reinitialisation rule when it has
 * a threshold.
 */
async function watch(options: Partial<MfrOptions>, steps: number, threshold?: number) {
  const backend = referenceBackend();
  const population = await createPopulation(backend, {
    architecture: "topk_tied",
    dIn: 8,
    dSae: 16,
    k: 3,
    lr: 0.01,
    batch: 32,
    seeds: [0, 1, 2, 3],
  });
  await initialisePopulation(population);
  const mfr = { ...MFR_DEFAULTS, weight: 1, seed: 0, ...options };
  const inner = new MutualFeatureRegularization(population, mfr);
  const seen: Seen[] = [];
  const coupling: Coupling = {
    name: inner.name,
    save: () => inner.save(),
    load: (state) => inner.load(state),
    bytes: (of) => inner.bytes(of),
    async pull(of, now) {
      const pull = await inner.pull(of, now);
      const matchedAt = Object.entries(inner.save().json).map(([name, json]) => {
        const at = (json as { matched_at: number | null }).matched_at;
        return [name.replace("pair.", ""), at ?? -1] as const;
      });
      seen.push({
        step: now.step,
        matchedAt: Object.fromEntries(matchedAt),
        restarted: [],
        pulled: pull.gradients.flatMap((g, i) => (g?.some((x) => x !== 0) ? [i] : [])),
        matchings: Object.values(pull.work).reduce((sum, n) => sum + n, 0),
      });
      return pull;
    },
  };
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: 8,
    features: 12,
    groups: 3,
    active: 2,
    support: "per_sample",
  });
  const rule = { target: "calibrated", threshold: threshold ?? 0, coolDownSteps: 10 } as const;
  const run = { population, coupling, stream: source.train, firstStep: 0, totalSteps: steps };
  const reinitialise = threshold === undefined ? undefined : rule;
  for await (const { members } of trainPopulation({ ...run, reinitialise, clock: () => 0 })) {
    const restarted = members.flatMap((m, i) => (m.reinitialised ? [i] : []));
    seen.push({ ...seen.pop()!, restarted });
  }
  return seen;
}

test("a matching is renewed every refresh_every steps", async () => {
  const seen = await watch({ refreshEvery: 7 }, 23);
  expect(seen.filter((s) => s.matchings > 0).map((s) => [s.step, s.matchings])).toEqual([
    ...[0, 7, 14, 21].map((step) => [step, 6]),
  ]);
});

test.each([1, 4])(
  "of pairs drawn at random, no matching that is used is refresh_every %i steps old",
  async (refreshEvery) => {
    const seen = await watch({ refreshEvery, pairsPerStep: 1 }, 80);
    let kept = 0;
    for (const { step, pulled, matchedAt } of seen) {
      expect(pulled).toHaveLength(2);
      const age = step - matchedAt[pulled.join(".")]!;
      expect(age, `step ${step}`).toBeLessThan(refreshEvery);
      if (age > 0) kept++;
    }
    // Of six pairs, one in six is drawn again in the next step.
    if (refreshEvery > 1) expect(kept).toBeGreaterThan(10);
  },
);

test("after a member started again its pairs are matched anew, and no others", async () => {
  const seen = await watch({ refreshEvery: 1000 }, 30, 0.3);
  const restarts = seen.filter((s) => s.restarted.length > 0);
  expect(restarts.length).toBeGreaterThan(1);
  let spared = 0;
  for (const { step, restarted, matchedAt: before } of restarts.filter((s) => s.step < 29)) {
    const { matchedAt } = seen[step + 1]!;
    for (const [pair, at] of Object.entries(matchedAt)) {
      const isOfRestarted = pair.split(".").some((i) => restarted.includes(Number(i)));
      expect(at, `pair ${pair} after step ${step}`).toBe(isOfRestarted ? step + 1 : before[pair]);
      if (!isOfRestarted) spared++;
    }
  }
  expect(spared).toBeGreaterThan(0);
});
