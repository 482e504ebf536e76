/**
 * @file The settings of a population: the values in which its members differ, apart from their
 *   seeds. Numbers are averaged, and dictionaries compared, only within one setting. Pairs that are
 *   left out are counted.
 */

import { mean } from "../base/statistics/mean.ts";
import type {
  ConsistencyResult,
  EvaluationResult,
  MemberEvaluation,
  SimilarityNumbers,
} from "./results.ts";

/**
 * Keys of the population with a member's values: `{ k: 16, lr: 0.001 }`; empty where members differ
 * in their seeds alone.
 */
export type Setting = Readonly<Record<string, unknown>>;

/** Keys of a label that say who a member is, not how it was trained. */
const IDENTITY: ReadonlySet<string> = new Set(["seed", "name"]);

/** A member as far as its setting is concerned. */
type WithSetting = Pick<MemberEvaluation, "setting" | "label">;

/**
 * A member's setting; of results that do not record it, the values that the config gave this
 * member.
 */
export function settingOf({ setting, label }: WithSetting): Setting {
  if (setting !== undefined) return setting;
  return Object.fromEntries(Object.entries(label).filter(([key]) => !IDENTITY.has(key)));
}

/** Whether two settings have the same values, whatever the order of their keys. */
function sameSetting(a: Setting, b: Setting): boolean {
  return settingId(a) === settingId(b);
}

/** The same text for settings with the same values, and for no others. */
export function settingId(setting: Setting): string {
  return JSON.stringify(Object.entries(setting).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The keys of all settings, each once, in the order in which they first occur. */
export function settingKeys(settings: readonly Setting[]): string[] {
  return [...new Set(settings.flatMap((setting) => Object.keys(setting)))];
}

/**
 * A setting's value as text: `16`, `topk`, `{"coefficient":0.03}`; `–` where the setting does not
 * have the key.
 */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "–");
}

/** A setting in words: `k 16, lr 0.001`. */
export function settingText(setting: Setting): string {
  return Object.entries(setting)
    .map(([key, value]) => `${key} ${valueText(value)}`)
    .join(", ");
}

/** The coupled members of one setting, with the comparisons that are theirs alone. */
export interface SettingPart {
  readonly setting: Setting;
  readonly members: readonly MemberEvaluation[];
  /** Pairs of these members that differ in their seeds, and in nothing else. */
  readonly pairs: readonly SimilarityNumbers[];
  /** These members against independent ones of the same setting and another seed. */
  readonly independent: readonly ({ readonly member: string } & SimilarityNumbers)[];
  /** These members against the known features. */
  readonly truth: readonly ({ readonly member: string } & SimilarityNumbers)[];
}

/** What two members differ in: their seeds alone, their settings, or nothing. */
export type Relation = "replicates" | "other setting" | "shared seed";

/** How two members are related; means count replicates alone. */
export function relationOf(
  a: WithSetting & Pick<MemberEvaluation, "seed">,
  b: WithSetting & Pick<MemberEvaluation, "seed">,
): Relation {
  if (!sameSetting(settingOf(a), settingOf(b))) return "other setting";
  return a.seed === b.seed ? "shared seed" : "replicates";
}

/** A run's coupled members by setting, in the order in which the settings first occur. */
export function settingParts(
  evaluation: EvaluationResult,
  consistency: ConsistencyResult | undefined,
): SettingPart[] {
  const known = new Map(evaluation.members.map((m) => [m.name, m]));
  const isReplicated = (a: string, b: string) => {
    const [first, second] = [known.get(a), known.get(b)];
    return (
      first !== undefined && second !== undefined && relationOf(first, second) === "replicates"
    );
  };
  const groups = new Map<string, MemberEvaluation[]>();
  for (const member of evaluation.members.filter((m) => m.coupled)) {
    const id = settingId(settingOf(member));
    groups.set(id, [...(groups.get(id) ?? []), member]);
  }
  return [...groups.values()].map((members) => {
    const names = new Set(members.map((m) => m.name));
    return {
      setting: settingOf(members[0]!),
      members,
      pairs: (consistency?.pairs ?? []).filter((p) => names.has(p.a) && isReplicated(p.a, p.b)),
      independent: (consistency?.independent ?? []).filter(
        (p) => names.has(p.member) && isReplicated(p.member, p.independent),
      ),
      truth: (consistency?.ground_truth ?? []).filter((p) => names.has(p.member)),
    };
  });
}

/**
 * A mean similarity, what unrelated dictionaries of the same shapes would show, and how many pairs
 * it is a mean of.
 */
export interface MeanMcc {
  readonly mean: number;
  readonly null: number;
  readonly pairs: number;
}

/** Mean MCC of some comparisons; undefined without any. */
export function meanMcc(all: readonly SimilarityNumbers[]): MeanMcc | undefined {
  if (all.length === 0) return undefined;
  return {
    mean: mean(all.map((s) => s.mcc)),
    null: mean(all.map((s) => s.mcc_null)),
    pairs: all.length,
  };
}

/**
 * Mean MCC of some comparisons modulo the group of the rows; undefined without any, and where rows
 * have no group.
 */
export function meanMccModulo(all: readonly SimilarityNumbers[]): MeanMcc | undefined {
  const known = all.flatMap(({ mcc_modulo, mcc_modulo_null }) =>
    mcc_modulo === undefined ? [] : [{ mcc: mcc_modulo, none: mcc_modulo_null ?? Number.NaN }],
  );
  if (known.length === 0) return undefined;
  return {
    mean: mean(known.map((one) => one.mcc)),
    null: mean(known.map((one) => one.none)),
    pairs: known.length,
  };
}

/**
 * The PW-MCC entries of results/consistency.json: one number for one setting, a list for several.
 */
export function pwMccEntries(
  evaluation: EvaluationResult,
  pairs: ConsistencyResult["pairs"],
): Pick<ConsistencyResult, "pw_mcc" | "pw_mcc_by_setting"> {
  const parts = settingParts(evaluation, { pairs });
  if (parts.length > 1)
    return {
      pw_mcc_by_setting: parts.flatMap((part) => {
        const own = meanMcc(part.pairs);
        return own ? [{ setting: part.setting, ...own }] : [];
      }),
    };
  const own = meanMcc(parts[0]?.pairs ?? []);
  return own ? { pw_mcc: { mean: own.mean, null: own.null } } : {};
}

/**
 * PW-MCC of a run whose members have one setting; undefined for several settings, and without a
 * pair that counts.
 */
export function pwMccOf(
  evaluation: EvaluationResult,
  consistency: ConsistencyResult | undefined,
): { readonly mean: number; readonly null: number } | undefined {
  // Read from the pairs: results from before settings were distinguished have a mean over all of
  // them.
  return pwMccEntries(evaluation, consistency?.pairs ?? []).pw_mcc;
}

/** Comparisons that no mean counts, those with independent members included. */
export interface LeftOut {
  /** The two differ in their settings. */
  readonly otherSetting: readonly SimilarityNumbers[];
  /** The two have one setting and one seed, so they began with the same weights. */
  readonly sharedSeed: readonly SimilarityNumbers[];
}

/** The comparisons of members that differ in more than their seeds, or in nothing. */
export function leftOut(
  evaluation: EvaluationResult,
  consistency: ConsistencyResult | undefined,
): LeftOut {
  const known = new Map(evaluation.members.map((m) => [m.name, m]));
  const all: (readonly [string, string, SimilarityNumbers])[] = [
    ...(consistency?.pairs ?? []).map((p) => [p.a, p.b, p] as const),
    ...(consistency?.independent ?? []).map((p) => [p.member, p.independent, p] as const),
  ];
  const kinds = all.flatMap(([a, b, numbers]) => {
    const [first, second] = [known.get(a), known.get(b)];
    return first && second ? [{ kind: relationOf(first, second), numbers }] : [];
  });
  const of = (kind: Relation) => kinds.filter((k) => k.kind === kind).map((k) => k.numbers);
  return { otherSetting: of("other setting"), sharedSeed: of("shared seed") };
}

/**
 * What to say of a population whose members cannot all be averaged or compared, a sentence each;
 * nothing for most.
 */
export function settingNotes(
  evaluation: EvaluationResult,
  consistency: ConsistencyResult | undefined,
): string[] {
  const parts = settingParts(evaluation, consistency);
  const apart = leftOut(evaluation, consistency);
  const [otherSetting, sharedSeed] = [apart.otherSetting.length, apart.sharedSeed.length];
  const notes: string[] = [];
  const pairs = (n: number) => `${n} ${n === 1 ? "pair" : "pairs"} of members`;
  if (otherSetting > 0)
    notes.push(
      `PW-MCC and other means are taken within each setting; they leave out ${pairs(otherSetting)} with different settings.`,
    );
  if (sharedSeed > 0)
    notes.push(
      `${pairs(sharedSeed)} share a setting and a seed: they began with the same weights, so PW-MCC leaves them out.`,
    );
  if (parts.length > 1 && parts.every((part) => part.pairs.length === 0))
    notes.push(
      "No two members differ in their seeds alone, so there is no PW-MCC: raise population.members to compare seeds.",
    );
  return notes;
}
