/**
 * @file Which runs of many are listed, in what order and with what: `fvu`, `k=16`, `-created_at`,
 *   by facts, metrics and config keys.
 */

import { parse as parseYaml } from "yaml";
import { valueAt } from "../base/json.ts";
import { ConfigError } from "../errors.ts";
import { showName } from "../formats/show-name.ts";
import type { RunOverview, RunState } from "./overview.ts";

/**
 * The value of a key of a run. There are several when a config has a list, or members have several
 * settings.
 */
export type RunValues = (run: RunOverview) => readonly unknown[];

const one = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value]);

/** What is known of every run, by the name that lists and JSON have for it. */
const FACTS: Readonly<Record<string, RunValues>> = {
  name: (run) => one(run.name),
  folder: (run) => one(run.folder),
  status: (run) => one(run.state),
  steps: (run) => one(run.steps),
  total_steps: (run) => one(run.totalSteps),
  members: (run) => one(run.members),
  settings: (run) => one(run.settings),
  pw_mcc: (run) => one(run.pwMcc?.mean),
  created_at: (run) => one(run.createdAt),
  changed_at: (run) => one(run.changedAt),
};

const STATES: readonly RunState[] = [
  "finished",
  "running",
  "interrupted",
  "failed",
  "killed",
  "unreadable",
];

/**
 * The values of a config key in a run: those of its list, and those that overrides give single
 * members.
 */
function configValues(path: string): RunValues {
  const [section, ...rest] = path.split(".");
  return ({ config }) => {
    const value = valueAt(config, path.split("."));
    const overrides = section === "population" ? valueAt(config, ["population", "overrides"]) : [];
    const own = Array.isArray(overrides) ? overrides.flatMap((o) => one(valueAt(o, rest))) : [];
    const all = [...(Array.isArray(value) ? value : one(value)), ...own];
    return all.filter(
      (v, i) => all.findIndex((w) => JSON.stringify(w) === JSON.stringify(v)) === i,
    );
  };
}

/** The meanings of keys in the lists of one call. */
export interface RunKeys {
  /** Names of metrics of held-out activations. */
  readonly metrics: readonly string[];
  /** Keys of configs, as paths with dots. */
  readonly config: readonly string[];
}

/**
 * What a key stands for: a fact of the run, a metric, or a key of the config. The last parts of
 * such a key are enough where only one key ends with them. Those of `population` come first.
 *
 * @throws {ConfigError} for a key that is unknown, or that several keys end with.
 */
export function runKey(key: string, known: RunKeys): RunValues {
  const fact = Object.hasOwn(FACTS, key) ? FACTS[key] : undefined;
  if (fact) return fact;
  if (known.metrics.includes(key)) return (run) => run.metrics?.[key] ?? [];
  for (const path of [key, `population.${key}`])
    if (known.config.includes(path)) return configValues(path);
  const ending = known.config.filter((path) => path.endsWith(`.${key}`));
  if (ending.length === 1) return configValues(ending[0]!);
  if (ending.length > 1)
    throw new ConfigError(`The key ${showName(key)} could be ${ending.join(" or ")}.`, {
      hint: "Give the whole path of the key.",
    });
  throw new ConfigError(`Runs have no key ${showName(key)}.`, {
    hint: `Facts: ${Object.keys(FACTS).join(", ")}. Metrics: ${known.metrics.join(", ")}. Or a key of the config, such as k, lr or coupling.weight.`,
  });
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

/**
 * A filter such as `k=16`, `fvu<0.1` or `coupling.weight!=0`: whether one of a run's values is so,
 * and for `!=` that none is equal.
 *
 * @throws {ConfigError} for a text that is not a filter, an unknown key, and an order of what is
 *   not a number.
 */
export function runFilter(text: string, known: RunKeys): (run: RunOverview) => boolean {
  const [, key, sign, right] = /^\s*([\w.]+)\s*(!=|<=|>=|==?|<|>)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (key === undefined || sign === undefined || !right)
    throw new ConfigError(
      `Expected a filter such as k=16 or fvu<0.1 but received "${showName(text)}".`,
      {
        hint: "A key, one of = != < <= > >=, and a value; quote it for the shell.",
      },
    );
  const values = runKey(key, known);
  const compare = COMPARISONS[sign];
  if (compare) {
    const limit = Number(right);
    if (Number.isNaN(limit))
      throw new ConfigError(`Expected a number behind ${sign} but received "${showName(right)}".`, {
        hint: "Texts can be equal or not: = and !=.",
      });
    return (run) => values(run).some((v) => typeof v === "number" && compare(v, limit));
  }
  const wanted: unknown = yamlValue(right);
  const isEqual = (value: unknown) =>
    value === wanted || String(value) === right || JSON.stringify(value) === JSON.stringify(wanted);
  const has = (run: RunOverview) => {
    const all = values(run);
    return wanted === null ? all.length === 0 : all.some(isEqual);
  };
  return sign === "!=" ? (run) => !has(run) : has;
}

function yamlValue(text: string): unknown {
  try {
    return parseYaml(text, { logLevel: "error" });
  } catch {
    return text;
  }
}

/**
 * Runs in one of the states named, with commas between them. @throws {ConfigError} for a state that
 * there is not.
 */
export function statusFilter(text: string): (run: RunOverview) => boolean {
  const wanted = text.split(",").map((state) => state.trim());
  for (const state of wanted)
    if (!STATES.includes(state as RunState))
      throw new ConfigError(`Expected a status but received "${showName(state)}".`, {
        hint: `One of ${STATES.join(", ")}, or several separated by commas.`,
      });
  return (run) => wanted.includes(run.state);
}

/** -1, 0 or 1: numbers by size and before texts. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return Math.sign(a - b);
  if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
  const [first, second] = [String(a), String(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/**
 * The runs by a key, from its smallest value up, or from its largest down with a `-` in front. Of
 * several values, the one that comes first counts. Runs without a value, or with one that is not a
 * number where others are, come last; equal ones keep their order.
 *
 * @throws {ConfigError} for an unknown key.
 */
export function sortedRuns(
  runs: readonly RunOverview[],
  sort: string,
  known: RunKeys,
): RunOverview[] {
  const isDown = sort.startsWith("-");
  const values = runKey(isDown ? sort.slice(1) : sort, known);
  const order = (a: unknown, b: unknown) => (isDown ? compareValues(b, a) : compareValues(a, b));
  const first = (run: RunOverview) =>
    values(run)
      .filter((v) => !Number.isNaN(v))
      .toSorted(order)[0];
  return runs
    .map((run) => ({ run, value: first(run) }))
    .sort((a, b) => {
      const missing = Number(a.value === undefined) - Number(b.value === undefined);
      return missing !== 0 || a.value === undefined ? missing : order(a.value, b.value);
    })
    .map(({ run }) => run);
}
