/**
 * @file Checkpoints of before counters were JSON. Single numbers were arrays of one or two elements
 *   beside the others. The counters of a member and of its SAE were one object.
 */

import type { Tensor } from "../base/tensor.ts";
import type { MemberJson, PopulationState } from "./state.ts";

/** A member's counters then. */
interface OldMember {
  readonly name: string;
  readonly steps: number;
  readonly adam_steps: number;
  readonly reinitialisations: number;
  readonly reinitialised_at: number | null;
  readonly density: number;
}

type State = Pick<PopulationState, "tensors" | "json">;

/** Whether a state is of that time. */
export function isOldState({ json }: State): boolean {
  return json.members.some((member) => !("sae" in member));
}

/** Element `at` of a tensor; undefined where there is no such tensor. */
function element(tensors: ReadonlyMap<string, Tensor>, name: string, at = 0) {
  const value = tensors.get(name)?.data[at];
  return value === undefined ? undefined : Number(value);
}

/** The same state as `populationState` gives it now; tensors that are not needed stay. */
export function upgradedState({ tensors, json }: State): PopulationState {
  const old = json.members as unknown as readonly OldMember[];
  const members = old.map((member, i): MemberJson => {
    const moved = (name: string) => element(tensors, `member.${i}.movement.${name}`);
    const { name, steps, adam_steps, density, reinitialisations, reinitialised_at } = member;
    const counters = { name, reinitialisations, reinitialised_at };
    const sae = { steps, adam_steps, density };
    const allMoved = moved("all_moved");
    if (allMoved === undefined) return { ...counters, sae };
    const movement = { all_moved: allMoved, steps: moved("moves"), grouping: moved("grouping") };
    return { ...counters, sae, movement };
  });
  const pairs = [...tensors.keys()].flatMap((name) => {
    const pair = /^coupling\.(pair\.\d+\.\d+)\.matched$/.exec(name)?.[1];
    return pair === undefined ? [] : [pair];
  });
  if (pairs.length === 0) return { tensors, json: { members } };
  const coupling = Object.fromEntries(
    pairs.map((pair) => {
      const of = (name: string, at?: number) => element(tensors, `coupling.${pair}.${name}`, at);
      // Both were counted from 1, with 0 for never.
      const counted = (value: number | undefined) => (value ? value - 1 : null);
      const matcher = {
        all_moved_then: of("all_moved_then") ?? 0,
        grouping: counted(of("begun")),
        looks: of("begun", 1) ?? 0,
      };
      return [pair, { ...matcher, matched_at: counted(of("matched")) }];
    }),
  );
  return { tensors, json: { members, coupling } };
}
