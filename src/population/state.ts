/**
 * @file Everything that decides how a population's training goes on, as named tensors and plain
 *   JSON, and back.
 */

import { type SavedArray, type SavedState, statesBelow } from "../base/checkpointable.ts";
import { showShape, type Tensor, tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import type { Coupling } from "./couplings/coupling.ts";
import { isOldState, upgradedState } from "./old-state.ts";
import type { Population } from "./population.ts";

/** A population between two steps, as a checkpoint keeps it. */
export interface PopulationState {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly json: PopulationJson;
}

/** What is not an array, in the words of the file. */
export interface PopulationJson extends Readonly<Record<string, unknown>> {
  readonly members: readonly MemberJson[];
  /** Absent without a coupling. */
  readonly coupling?: SavedState["json"];
}

/** A member's counters, in the words of the file. */
export interface MemberJson {
  readonly name: string;
  readonly reinitialisations: number;
  /** null: never. */
  readonly reinitialised_at: number | null;
  readonly sae: SavedState["json"];
  /** Absent without a coupling. */
  readonly movement?: SavedState["json"];
}

/** Every array of the population by a name that is stable between runs. */
function arraysOf(population: Population, coupling: Coupling | undefined) {
  const arrays = new Map<string, SavedArray>();
  const add = (prefix: string, state: SavedState) => {
    for (const [name, array] of Object.entries(state.arrays)) arrays.set(prefix + name, array);
  };
  for (const [i, { sae, movement }] of population.members.entries()) {
    add(`member.${i}.`, sae.save());
    if (coupling) add(`member.${i}.movement.`, movement.save());
  }
  if (coupling) add("coupling.", coupling.save());
  return arrays;
}

function dtypeOf(array: SavedArray) {
  if (array instanceof Int32Array) return "int32" as const;
  return array instanceof Float64Array ? ("float64" as const) : ("float32" as const);
}

/**
 * The state between two steps. The tensors share the population's memory: write them before the
 * next step.
 */
export function populationState(
  population: Population,
  coupling: Coupling | undefined,
): PopulationState {
  const tensors = new Map<string, Tensor>();
  for (const [name, array] of arraysOf(population, coupling))
    tensors.set(name, tensor(dtypeOf(array), [array.length], array));
  const members = population.members.map((m) => ({
    name: m.name,
    reinitialisations: m.reinitialisations,
    reinitialised_at: Number.isFinite(m.reinitialisedAt) ? m.reinitialisedAt : null,
    sae: m.sae.save().json,
    ...(coupling ? { movement: m.movement.save().json } : {}),
  }));
  return { tensors, json: { members, ...(coupling ? { coupling: coupling.save().json } : {}) } };
}

/** Bytes of a state's arrays. */
export function stateBytes(population: Population, coupling: Coupling | undefined): number {
  return [...arraysOf(population, coupling).values()].reduce(
    (sum, { length, BYTES_PER_ELEMENT }) => sum + length * BYTES_PER_ELEMENT,
    0,
  );
}

/**
 * Puts a saved state into a population of the same config. One that was saved before counters were
 * kept as JSON is understood as well.
 *
 * @param where Names the checkpoint in messages.
 * @throws {FormatError} when an array is missing or has another size: the config differs from the
 *   one that wrote it.
 */
export async function restorePopulation(
  population: Population,
  coupling: Coupling | undefined,
  state: PopulationState,
  where: string,
): Promise<void> {
  const { tensors, json } = isOldState(state) ? upgradedState(state) : state;
  const saved = new Map<string, SavedArray>();
  for (const [name, array] of arraysOf(population, coupling)) {
    const found = tensors.get(name);
    if (!found || found.data.length !== array.length || found.dtype !== dtypeOf(array))
      throw new FormatError(
        where,
        `expected ${array.length} numbers for ${name} but found ${found ? showShape(found.shape) : "none"}`,
        { hint: "The run's config.yaml is not the one that wrote this checkpoint." },
      );
    saved.set(name, found.data as SavedArray);
  }
  for (const [i, member] of population.members.entries()) {
    const counters = json.members[i];
    if (!counters) throw new FormatError(where, `has no counters for ${member.name}`);
    member.reinitialisations = counters.reinitialisations;
    member.reinitialisedAt = counters.reinitialised_at ?? Number.NEGATIVE_INFINITY;
    const movement = statesBelow(`member.${i}.movement.`, saved);
    if (counters.movement && coupling)
      member.movement.load({ arrays: movement, json: counters.movement });
    await member.sae.load({ arrays: statesBelow(`member.${i}.`, saved), json: counters.sae });
  }
  if (coupling)
    await coupling.load({ arrays: statesBelow("coupling.", saved), json: json.coupling ?? {} });
}
