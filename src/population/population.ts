/**
 * @file A population: SAEs that are fed the same batches in the same order, each with everything of
 *   its own.
 */

import type { Backend } from "../backend/backend.ts";
import type { MemoryItem } from "../base/bytes.ts";
import { Movement } from "../consistency/matching/movement.ts";
import { expected } from "../errors.ts";
import type { Trainable, TrainableContext } from "../sae/trainable.ts";
import type { Symmetry } from "../sources/symmetry.ts";

/** An SAE in training with what the population keeps for it. */
export interface PopulationMember {
  /** `member-0`, or what the config calls it. */
  readonly name: string;
  /** Decides the starting weights, of the first start and of every restart. */
  readonly seed: number;
  /** The base rate that the schedule scales. */
  readonly lr: number;
  readonly schedule: { readonly warmupSteps: number; readonly decayStart: number | undefined };
  readonly sae: Trainable;
  /** How far its atoms have travelled; kept up to date while a coupling needs it. */
  readonly movement: Movement;
  /** Scratch for one step's movement, [d_sae]. */
  readonly stepMoved: Float32Array;
  reinitialisations: number;
  /** Step of the last reinitialisation, or −∞. */
  reinitialisedAt: number;
}

/** What a member of a population is made to be. */
export interface MemberSettings
  extends Pick<PopulationMember, "name" | "seed" | "lr" | "schedule"> {
  /** Allocates its SAE. */
  create(context: TrainableContext): Trainable;
}

/** SAEs in training on one stream; `batch` activations of width `dIn` per step. */
export interface Population {
  readonly backend: Backend;
  readonly dIn: number;
  readonly batch: number;
  readonly members: readonly PopulationMember[];
}

/**
 * A population with memory but no weights: call `initialisePopulation`, or restore a checkpoint
 * into it. Members of one shape share their step's memory.
 *
 * @throws {ConcordError} "argument/invalid" when a batch is not whole orbits, or a member needs
 *   orbits and there are none.
 */
export function allocatePopulation(
  backend: Backend,
  options: {
    readonly dIn: number;
    readonly batch: number;
    readonly members: readonly MemberSettings[];
    /** That of the source whose rows the members see. Default: single rows. */
    readonly symmetry?: Symmetry | undefined;
  },
): Population {
  const { dIn, batch, symmetry } = options;
  if (symmetry && batch % symmetry.size !== 0)
    throw expected(
      "batch",
      `a multiple of ${symmetry.size}, the rows of an orbit of ${symmetry.group}`,
      batch,
    );
  const context: TrainableContext = { backend, dIn, batch, shared: new Map(), symmetry };
  const members = options.members.map(({ name, seed, lr, schedule, create }): PopulationMember => {
    const sae = create({ ...context, seed });
    return {
      name,
      seed,
      lr,
      schedule,
      sae,
      movement: new Movement(sae.dSae),
      stepMoved: backend.float32(sae.dSae),
      reinitialisations: 0,
      reinitialisedAt: Number.NEGATIVE_INFINITY,
    };
  });
  return { backend, dIn, batch, members };
}

/** Draws every member's starting weights. */
export async function initialisePopulation({ members }: Population): Promise<void> {
  for (const { sae, seed } of members) await sae.initialise({ seed, restart: 0 });
}

/** Memory of a population beside what its SAEs take: two batches, and each member's movement. */
export function populationBytes(
  { batch, dIn, members }: Population,
  hasTargets: boolean,
): MemoryItem[] {
  const latents = members.reduce((sum, { sae }) => sum + sae.dSae, 0);
  return [
    { what: "workspaces", bytes: 8 * batch * dIn + 4 * latents },
    { what: "targets", bytes: hasTargets ? 8 * batch * dIn : 0 },
  ];
}
