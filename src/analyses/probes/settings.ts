/** @file Probes of members that differ in their seeds alone, put together. */

import { meanInterval } from "../../base/statistics/mean-interval.ts";
import { settingId, settingText } from "../../runs/settings.ts";
import type { Probed, ProbesResult, SCORES } from "./result.ts";

/** One kind of probe on the members of one setting, or on activations. */
export interface ProbedSetting {
  readonly name: string;
  readonly probe: Probed["probe"];
  readonly length: Probed["length"];
  readonly k: number | null;
  readonly parts: readonly Probed[];
}

/** Words for what was probed. */
function nameOf({ member, k }: Probed, hasSettings: boolean): string {
  if (!member) return "activations";
  const words = hasSettings ? settingText(member.setting) : "members";
  const own = member.coupled ? words : `${words}, independent`;
  return k === null || /\bk \d/.test(words) ? own : `${own}, k ${k}`;
}

/** Settings in the order of their first member. */
export function probedSettings({ probed }: ProbesResult): ProbedSetting[] {
  const ids = new Set(probed.flatMap(({ member }) => (member ? [settingId(member.setting)] : [])));
  const groups = new Map<string, Probed[]>();
  for (const one of probed) {
    const { member, probe, length, k } = one;
    const who = member ? [settingId(member.setting), member.coupled] : [];
    const key = JSON.stringify([...who, probe, length, k]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((parts) => {
    const [first] = parts as [Probed, ...Probed[]];
    const { probe, length, k } = first;
    return { name: nameOf(first, ids.size > 1), probe, length, k, parts };
  });
}

/** A mean with the interval that goes with it. */
export interface SettingMean {
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly values: readonly number[];
}

/**
 * The mean over the members of a setting of a score, with Student's interval over them; of a single
 * one the interval over its tasks.
 */
export function meanOf(
  { parts }: ProbedSetting,
  kind: string,
  score: (typeof SCORES)[number],
): SettingMean | undefined {
  const own = parts.map(({ classes }) => classes[kind]![score]);
  const values = own.map(({ mean }) => mean);
  const [single] = own;
  if (own.length === 1 && single)
    return { ...single, low: single.low ?? undefined, high: single.high ?? undefined, values };
  const found = meanInterval(values);
  return found && { mean: found.mean, low: found.low, high: found.high, values };
}
