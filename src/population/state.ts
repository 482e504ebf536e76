/**
 * @file Everything that decides how a population's training goes on, as named tensors and plain
 *   JSON, and back.
 */

import { showShape, type Tensor, tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { packWeights } from "../sae/member.ts";
import { namedArrays } from "../sae/parameters.ts";
import type { Coupling } from "./couplings/coupling.ts";
import type { Population } from "./population.ts";

/** A population between two steps, as a checkpoint keeps it. */
export interface PopulationState {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly json: { readonly members: readonly MemberJson[] };
}

/** A member's counters, in the words of the file. */
interface MemberJson {
  readonly name: string;
  readonly steps: number;
  readonly adam_steps: number;
  readonly reinitialisations: number;
  /** null: never. */
  readonly reinitialised_at: number | null;
  readonly density: number;
}

/** Every array of the population by a name that is stable between runs. */
function arraysOf(population: Population, coupling: Coupling | undefined) {
  const arrays = new Map<string, Float32Array | Float64Array | Int32Array>();
  for (const [i, member] of population.members.entries()) {
    for (const [name, array] of Object.entries(namedArrays(member.parameters)))
      arrays.set(`member.${i}.${name}`, array);
    arrays.set(`member.${i}.tokens_since_fired`, member.tokensSinceFired);
    if (coupling)
      for (const [name, array] of Object.entries(member.movement.arrays()))
        arrays.set(`member.${i}.movement.${name}`, array);
  }
  for (const [name, array] of Object.entries(coupling?.arrays() ?? {}))
    arrays.set(`coupling.${name}`, array);
  return arrays;
}

function dtypeOf(array: Float32Array | Float64Array | Int32Array) {
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
  for (const [name, array] of arraysOf(population, coupling)) {
    const dtype = dtypeOf(array);
    tensors.set(name, tensor(dtype, [array.length], array));
  }
  const members = population.members.map((m) => ({
    name: m.name,
    steps: m.steps,
    adam_steps: m.adamSteps,
    density: m.density,
    reinitialisations: m.reinitialisations,
    reinitialised_at: Number.isFinite(m.reinitialisedAt) ? m.reinitialisedAt : null,
  }));
  return { tensors, json: { members } };
}

/**
 * Puts a saved state into a population of the same config.
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
  const arrays = arraysOf(population, coupling);
  for (const [name, array] of arrays) {
    const saved = state.tensors.get(name);
    if (!saved || saved.data.length !== array.length || saved.dtype !== dtypeOf(array))
      throw new FormatError(
        where,
        `expected ${array.length} numbers for ${name} but found ${saved ? showShape(saved.shape) : "none"}`,
        { hint: "The run's config.yaml is not the one that wrote this checkpoint." },
      );
  }
  for (const [name, array] of arrays) array.set(state.tensors.get(name)!.data as typeof array);
  for (const [i, member] of population.members.entries()) {
    const json = state.json.members[i];
    if (!json) throw new FormatError(where, `has no counters for ${member.name}`);
    member.steps = json.steps;
    member.adamSteps = json.adam_steps;
    member.reinitialisations = json.reinitialisations;
    member.reinitialisedAt = json.reinitialised_at ?? Number.NEGATIVE_INFINITY;
    member.density = json.density;
    member.movement.restored();
    await packWeights(population.backend, member);
  }
}
