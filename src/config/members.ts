/**
 * @file The members that a population's config describes: the grid of listed values, times
 *   `members`, plus independent ones.
 */

import { ConfigError } from "../errors.ts";
import type { MemberSettings } from "../population/population.ts";
import {
  type AdamConstants,
  type Architecture,
  type OptionRecord,
  resolveOptions,
} from "../sae/architecture.ts";
import { architectureNamed } from "../sae/registry.ts";
import type { TrainableContext } from "../sae/trainable.ts";
import { asKeys, EARLY_KEYS, LATE_KEYS, OPTION_KEYS, optionsAmong } from "./architecture-keys.ts";
import type { PopulationConfig } from "./schema.ts";

/** All keys of a population that take lists; combinations vary the last of them fastest. */
const GRID_KEYS: readonly string[] = [
  "architecture",
  "d_sae",
  ...EARLY_KEYS,
  "lr",
  "warmup_steps",
  "decay_fraction",
  "beta1",
  "beta2",
  "eps",
  ...LATE_KEYS,
  "init_from",
];

type Values = { readonly [key: string]: unknown };

/** A member as the config wants it. */
export interface PlannedMember extends MemberSettings {
  readonly architecture: Architecture;
  readonly dSae: number;
  /** Of the architecture, defaults filled in. */
  readonly options: OptionRecord;
  readonly adam: AdamConstants;
  /** Whether couplings include it. */
  readonly coupled: boolean;
  /**
   * Folder of the saved SAE that it starts from, as the config names it; undefined: it starts from
   * drawn weights.
   */
  readonly initFrom: string | undefined;
  /** What distinguishes it from its population: grid values and overrides. */
  readonly label: Values;
  /**
   * What members differ in besides their seeds, with this member's values, defaults filled in;
   * empty where they do not differ.
   */
  readonly setting: Values;
}

/**
 * Every combination of listed values of `keys`, the last one varying fastest; values that are not
 * lists are left out.
 */
function combinations(config: Values, keys: readonly string[]): Values[] {
  let all: Values[] = [{}];
  for (const key of keys) {
    const value = listOf(config[key]);
    if (value) all = all.flatMap((rest) => value.map((v) => ({ ...rest, [key]: v })));
  }
  return all;
}

/** The single values behind a value that is a list, or a section with lists in it. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value.flatMap((v) => listOf(v) ?? [v]);
  if (typeof value !== "object" || value === null) return undefined;
  const inside = combinations(value as Values, Object.keys(value));
  return inside.length > 1 || Object.keys(inside[0]!).length > 0
    ? inside.map((cell) => ({ ...value, ...cell }))
    : undefined;
}

/** How many combinations `combinations` would make. */
function combinationCount(config: Values, keys: readonly string[]): number {
  return keys.reduce((count, key) => count * valueCount(config[key]), 1);
}

/** How many values `listOf` would give, 1 for a value that is none. */
function valueCount(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, v) => sum + valueCount(v), 0);
  if (typeof value !== "object" || value === null) return 1;
  return combinationCount(value as Values, Object.keys(value));
}

/** How many members a config describes, without making any. */
export function memberCount(config: PopulationConfig): number {
  return combinationCount(config, GRID_KEYS) * config.members + config.independent;
}

/**
 * The members in order: combination by combination, `members` of each, then the independent ones.
 *
 * Seeds count up from the population's seed. Members of different combinations with the same number
 * share a seed, so that only what the grid varies differs between them. Independent members go on
 * counting.
 *
 * @throws {ConfigError} for more overrides than members and for names that are not different,
 *   {ConcordError} for options that do not fit.
 */
export function plannedMembers(
  config: PopulationConfig,
  run: { readonly dIn: number; readonly seed: number; readonly totalSteps: number },
): PlannedMember[] {
  const grid = combinations(config, GRID_KEYS);
  const base = config.seed ?? run.seed;
  const coupledCount = grid.length * config.members;
  const total = coupledCount + config.independent;
  if (config.overrides.length > total)
    throw new ConfigError(
      `population.overrides has ${config.overrides.length} entries for ${total} members.`,
    );
  const varied = new Set([...grid, ...config.overrides].flatMap((values) => Object.keys(values)));
  const members = Array.from({ length: total }, (_, i) => {
    const coupled = i < coupledCount;
    const cell = coupled ? grid[Math.floor(i / config.members)]! : grid[0]!;
    const override: Values = config.overrides[i] ?? {};
    const values: Values = { ...config, ...cell, ...override };
    const number = coupled ? i % config.members : config.members + i - coupledCount;
    const architecture = architectureNamed(String(values["architecture"]));
    const shape = { dIn: run.dIn, dSae: Number(values["d_sae"]) };
    const options = resolveOptions(architecture, optionsAmong(values), shape);
    const adam = {
      beta1: Number(values["beta1"]),
      beta2: Number(values["beta2"]),
      eps: Number(values["eps"]),
    };
    const settings = { dSae: shape.dSae, options, adam };
    const decay = Number(values["decay_fraction"]);
    const name = coupled ? `member-${i}` : `independent-${i - coupledCount}`;
    return {
      name: String(override["name"] ?? name),
      architecture,
      ...settings,
      create: (context: TrainableContext) => architecture.create(context, settings),
      lr: Number(values["lr"] ?? architecture.defaultLr(shape)),
      schedule: {
        warmupSteps: Number(values["warmup_steps"]),
        decayStart: decay > 0 ? Math.floor(run.totalSteps * (1 - decay)) : undefined,
      },
      seed: Number(override["seed"] ?? base + number),
      coupled,
      initFrom: typeof values["init_from"] === "string" ? values["init_from"] : undefined,
      label: { ...cell, ...override },
      values,
    };
  });
  const names = members.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(`population.overrides gives the name ${twice} to two members.`, {
      hint: "Names are folders below saes/; members without one are called member-0, member-1, ….",
    });
  const settings = differences(members.map((m) => resolvedValues(m, m.values, varied)));
  return members.map(({ values: _, ...member }, i) => ({ ...member, setting: settings[i]! }));
}

/**
 * What a member trains with under each of the `keys`; what its architecture does not listen to is
 * undefined.
 */
function resolvedValues(
  { architecture, options, lr, adam, dSae }: Omit<PlannedMember, "setting">,
  values: Values,
  keys: ReadonlySet<string>,
): Values {
  const resolved: Values = {
    architecture: architecture.name,
    d_sae: dSae,
    lr,
    warmup_steps: values["warmup_steps"],
    decay_fraction: values["decay_fraction"],
    beta1: adam.beta1,
    beta2: adam.beta2,
    eps: adam.eps,
    ...asKeys(options),
  };
  return Object.fromEntries(GRID_KEYS.filter((k) => keys.has(k)).map((k) => [k, resolved[k]]));
}

/**
 * Of some members' values those that are not the same for all, sections taken apart where all of
 * them have one.
 */
function differences(all: readonly Values[]): Values[] {
  const isSection = (value: unknown) => typeof value === "object" && value !== null;
  const flat = all.map((values) => {
    const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] =>
      all.every((other) => isSection(other[key]))
        ? Object.entries(value as Values).map(([inner, v]) => [`${key}.${inner}`, v])
        : [[key, value]],
    );
    return Object.fromEntries(entries);
  });
  const differs = Object.keys(flat[0] ?? {}).filter(
    (key) => new Set(flat.map((values) => JSON.stringify(values[key]))).size > 1,
  );
  return flat.map((values) =>
    Object.fromEntries(
      differs.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])),
    ),
  );
}

/**
 * Keys that no member listens to, a sentence each: they may be left over from another architecture,
 * or a mistake about it.
 */
export function unheardKeys(
  config: PopulationConfig,
  members: readonly Pick<PlannedMember, "options" | "architecture">[],
): string[] {
  const heard = new Set(members.flatMap(({ options }) => Object.keys(asKeys(options))));
  const names = [...new Set(members.map(({ architecture }) => architecture.name))].join(", ");
  const given = config as Values;
  return OPTION_KEYS.flatMap((key) =>
    given[key] === undefined || heard.has(key)
      ? []
      : [`population.${key} means nothing to ${names}.`],
  );
}

/**
 * Members that start from one SAE and are trained in one way, a sentence for each SAE: the seed
 * makes no difference to them.
 */
export function identicalMembers(members: readonly PlannedMember[]): string[] {
  const alike = new Map<string, string[]>();
  for (const { name, architecture, dSae, options, initFrom, ...rest } of members) {
    if (initFrom === undefined) continue;
    const { adam, lr, schedule, coupled } = rest;
    const kind = [architecture.name, dSae, options];
    const key = JSON.stringify([initFrom, kind, adam, lr, schedule, coupled]);
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  return [...alike.values()].flatMap((names) =>
    names.length < 2
      ? []
      : [
          `${names.join(", ")} start from the same SAE with the same settings: they stay the same, whatever their seeds.`,
        ],
  );
}
