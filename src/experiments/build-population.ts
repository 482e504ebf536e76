/** @file From a config and its source to a population with its coupling, and how long it trains. */

import type { Backend } from "../backend/backend.ts";
import { type PlannedMember, plannedMembers } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { ConfigError } from "../errors.ts";
import type { Coupling } from "../population/couplings/coupling.ts";
import { createCoupling } from "../population/couplings/registry.ts";
import { allocatePopulation, type Population } from "../population/population.ts";
import type { ReinitialiseOptions } from "../population/reinitialise.ts";
import { type Symmetry, trainingSymmetry } from "../sources/symmetry.ts";

export interface BuiltPopulation {
  readonly population: Population;
  readonly members: readonly PlannedMember[];
  readonly coupling: Coupling | undefined;
  readonly reinitialise: ReinitialiseOptions | undefined;
  readonly totalSteps: number;
}

/**
 * The number of steps of a config.
 *
 * @throws {ConfigError} for epochs of an endless source, or when not even one step fits.
 */
export function totalSteps(config: Config, rowsPerPass: number | undefined): number {
  const { batch, steps, tokens, epochs } = config.training;
  if (steps !== undefined) return steps;
  if (epochs !== undefined && rowsPerPass === undefined)
    throw new ConfigError(
      "training.epochs needs a source with an end; synthetic data has none without train_rows.",
      {
        hint: "Give training.steps or training.tokens.",
      },
    );
  const rows = tokens ?? epochs! * rowsPerPass!;
  const whole = Math.floor(rows / batch);
  if (whole < 1)
    throw new ConfigError(`training: ${rows} activations do not fill one batch of ${batch}.`, {
      hint: "Lower training.batch or train longer.",
    });
  return whole;
}

/** @throws {ConfigError} when batches are not whole orbits. */
export function requireWholeOrbits(
  { training }: Config,
  symmetry: Pick<Symmetry, "group" | "size"> | undefined,
): void {
  if (!symmetry || training.batch % symmetry.size === 0) return;
  const { group, size } = symmetry;
  const nearest = Math.max(1, Math.round(training.batch / size)) * size;
  throw new ConfigError(
    `training.batch: expected a multiple of ${size}, the rows of an orbit of ${group}, but found ${training.batch}.`,
    { hint: `Set training.batch to ${nearest}.` },
  );
}

/**
 * Allocates the population; weights are still to be drawn or restored.
 *
 * @throws {ConfigError} when batches are not whole orbits, for a coupling without two members to
 *   couple, and as `totalSteps` and `plannedMembers` do.
 */
export function buildPopulation(
  backend: Backend,
  config: Config,
  source: {
    readonly dIn: number;
    readonly rowsPerPass: number | undefined;
    readonly symmetry?: Symmetry | undefined;
  },
): BuiltPopulation {
  const steps = totalSteps(config, source.rowsPerPass);
  const run = { dIn: source.dIn, seed: config.seed, totalSteps: steps };
  const symmetry = trainingSymmetry(source.symmetry);
  requireWholeOrbits(config, symmetry);
  const members = plannedMembers(config.population, run);
  const population = allocatePopulation(backend, {
    dIn: source.dIn,
    batch: config.training.batch,
    members,
    symmetry,
  });
  const coupled = members.flatMap((m, i) => (m.coupled ? [i] : []));
  const c = config.coupling;
  if (c && c.weight > 0 && coupled.length < 2)
    throw new ConfigError(
      "coupling needs two members at least, and independent ones do not count.",
      {
        hint: "Raise population.members, or leave the coupling out.",
      },
    );
  const coupling = c && createCoupling(population, c, { coupled, seed: config.seed });
  const r = config.reinitialise;
  const reinitialise =
    r === false
      ? undefined
      : { target: r.target, threshold: r.threshold, coolDownSteps: r.coolDownSteps };
  return { population, members, coupling, reinitialise, totalSteps: steps };
}
