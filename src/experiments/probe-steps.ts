/** @file How long a step takes here: a few real ones, on activations of the right shape. */

import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../base/philox.ts";
import { plannedMembers } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { initialisePopulation } from "../population/population.ts";
import { trainPopulation } from "../population/train-population.ts";
import type { ActivationStream } from "../sources/source.ts";
import type { SourceFacts } from "../sources/source-kind.ts";
import { buildPopulation } from "./build-population.ts";

export interface StepProbe {
  readonly millisecondsPerStep: number;
  /** The first step also finds where b_dec starts, and with a coupling matches from scratch. */
  readonly firstMilliseconds: number;
  readonly steps: number;
  /**
   * Fraction of the latents that the probe had room for; its times are scaled up. 1: all of them.
   */
  readonly scale: number;
}

/** More is not probed: to fill it would take longer than the answer is worth. */
const MOST_BYTES = 2 ** 31;

/**
 * Fraction of the latents that a probe trains, for a population that needs more bytes than are
 * available.
 */
export function probeScale(needed: number, available: number): number {
  return Math.min(1, Math.min(available, MOST_BYTES) / needed);
}

const MOST_STEPS = 20;
const BUDGET_MS = 2000;

/** Normal rows, no two alike. */
function randomRows(backend: Backend): ActivationStream {
  const [k0, k1] = randomStream(0, "plan/rows").key;
  let start = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      await backend.fillRandom({ k0, k1, start, out, normal: true });
      start += out.length;
    },
    state: () => ({}),
    seek: async () => {},
  };
}

/** The config with every dictionary smaller. */
function scaled(config: Config, scale: number, dIn: number): Config {
  if (scale === 1) return config;
  const { population, seed } = config;
  const members = plannedMembers(population, { dIn, seed, totalSteps: 1 });
  const least = Math.max(
    ...members.map(({ architecture, options }) => architecture.leastLatents?.(options) ?? 1),
  );
  const less = (dSae: number) => Math.max(least, Math.round(dSae * scale));
  const overrides = population.overrides.map((o) =>
    o.d_sae === undefined ? o : { ...o, d_sae: less(o.d_sae) },
  );
  const d_sae = Array.isArray(population.d_sae)
    ? population.d_sae.map(less)
    : less(population.d_sae);
  return { ...config, population: { ...population, d_sae, overrides } };
}

/**
 * Takes steps for about two seconds, at least two and at most twenty, and forgets them.
 *
 * Normal rows keep most latents of a ReLU member active, as real ones do in the beginning only: for
 * those the estimate is high.
 *
 * @param stream Rows to train on, from a source that costs time of its own; random ones when
 *   undefined.
 * @param scale  Fraction of the latents to train, for populations that do not fit.
 * @param clock  Milliseconds since any fixed moment.
 */
export async function probeSteps(
  backend: Backend,
  config: Config,
  source: SourceFacts,
  options: {
    readonly stream?: ActivationStream | undefined;
    readonly scale?: number;
    readonly clock: () => number;
  },
): Promise<StepProbe> {
  const { clock, scale = 1 } = options;
  const built = buildPopulation(backend, scaled(config, scale, source.dIn), source);
  const { population, coupling, reinitialise, totalSteps } = built;
  await initialisePopulation(population);
  const times: number[] = [];
  const start = clock();
  const steps = trainPopulation({
    population,
    coupling,
    reinitialise,
    firstStep: 0,
    totalSteps,
    clock,
    stream: options.stream ?? randomRows(backend),
  });
  let before = start;
  for await (const _ of steps) {
    const now = clock();
    times.push(now - before);
    before = now;
    if (times.length >= 2 && (times.length >= MOST_STEPS || now - start > BUDGET_MS)) break;
  }
  const [first = 0, ...later] = times;
  later.sort((a, b) => a - b);
  const median = later[Math.floor(later.length / 2)] ?? first;
  return {
    millisecondsPerStep: median / scale,
    firstMilliseconds: first / scale,
    steps: times.length,
    scale,
  };
}
