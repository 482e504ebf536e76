/**
 * @file A population: SAEs that are fed the same batches in the same order, each with everything of
 *   its own.
 */

import type { Backend } from "../backend/backend.ts";
import { Movement } from "../consistency/matching/movement.ts";
import {
  allocateMember,
  initialiseWeights,
  type Member,
  type MemberOptions,
} from "../sae/member.ts";
import { allocateWorkspace, type Workspace } from "../sae/workspace.ts";

/** A member with what the population keeps for it. */
export interface PopulationMember extends Member {
  /** `member-0`, or what the config calls it. */
  readonly name: string;
  readonly schedule: { readonly warmupSteps: number; readonly decayStart: number | undefined };
  readonly workspace: Workspace;
  /** How far its atoms have travelled; kept up to date while a coupling needs it. */
  readonly movement: Movement;
  /** Scratch for one step's movement, [d_sae]. */
  readonly stepMoved: Float32Array;
  /** Step of the last reinitialisation, or −∞. */
  reinitialisedAt: number;
}

/** What a member of a population is made to be. */
export interface MemberSettings extends MemberOptions {
  readonly name: string;
  readonly schedule: PopulationMember["schedule"];
}

/** SAEs in training on one stream; `batch` activations of width `dIn` to a step. */
export interface Population {
  readonly backend: Backend;
  readonly dIn: number;
  readonly batch: number;
  readonly members: readonly PopulationMember[];
}

/** Expected active latents of a batch, for the first allocation; ReLU grows it when needed. */
function expectedCapacity(settings: MemberSettings, batch: number): number {
  const { selection } = settings.spec;
  return batch * (selection.kind === "topk" ? selection.k : Math.ceil(settings.dSae / 16));
}

/**
 * A population with memory but no weights: call `initialisePopulation`, or restore a checkpoint
 * into it. Members of one shape share their step's memory.
 */
export function allocatePopulation(
  backend: Backend,
  options: {
    readonly dIn: number;
    readonly batch: number;
    readonly members: readonly MemberSettings[];
  },
): Population {
  const { dIn, batch } = options;
  const workspaces = new Map<string, Workspace>();
  const members = options.members.map((settings): PopulationMember => {
    const capacity = expectedCapacity(settings, batch);
    const key = `${settings.dSae} ${settings.spec.selection.kind} ${capacity}`;
    const shape = { batch, dIn, dSae: settings.dSae, capacity };
    const workspace = workspaces.get(key) ?? allocateWorkspace(backend, shape);
    workspaces.set(key, workspace);
    return {
      ...allocateMember(backend, settings),
      name: settings.name,
      schedule: settings.schedule,
      workspace,
      movement: new Movement(settings.dSae),
      stepMoved: backend.float32(settings.dSae),
      reinitialisedAt: Number.NEGATIVE_INFINITY,
    };
  });
  return { backend, dIn, batch, members };
}

/** Draws every member's starting weights. */
export async function initialisePopulation(population: Population): Promise<void> {
  for (const member of population.members) await initialiseWeights(population.backend, member);
}
