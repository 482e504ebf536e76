/**
 * @file From YAML to validated configs: `--set` overrides, lists that make a sweep, and errors that
 *   name the line.
 *
 * A list where the schema wants one value, outside `population`, makes one run for every
 * combination, and so does a list in the `sweep` block. Inside `population` the schema itself takes
 * lists: there they make members.
 */

import { type Document, LineCounter, parseDocument, parse as parseYaml } from "yaml";
import type { z } from "zod";
import { isObject, valueAt } from "../base/json.ts";
import { domainOf } from "../domains/domains.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { expectation, issueText, receivedText } from "../formats/issue-text.ts";
import { readText } from "../formats/read-text.ts";
import { showName } from "../formats/show-name.ts";
import { LENGTH_KEYS } from "./changes.ts";
import { requireConsensusMembers } from "./consensus-members.ts";
import { type Config, configOfFile, configSchema, listKeys } from "./schema.ts";
import { flatSweep, type SweepAxis, sweepBlockAxes } from "./sweep-block.ts";

type Json = { [key: string]: unknown };

/** One run of a sweep. */
export interface PlannedRun {
  readonly config: Config;
  /**
   * The values of the sweep's axes in this run: `{ "coupling.weight": 3 }`; empty when there is no
   * sweep.
   */
  readonly axes: Readonly<Record<string, unknown>>;
}

/** More runs than this from one file are considered a mistake. */
const MAX_RUNS = 10_000;

/** A `--set` override, or the `--name`. */
interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As it was given, for messages. */
  readonly shown: string;
}

/** `a.b.c=value`, the value read as YAML. */
function overrideOf(setting: string): Override {
  const at = setting.indexOf("=");
  if (at < 1)
    throw new ConfigError(`Expected key=value for --set but received "${showName(setting)}".`, {
      hint: "e.g. --set coupling.weight=0.3",
    });
  const shown = `--set ${showName(setting)}`;
  try {
    const value: unknown = parseYaml(setting.slice(at + 1), { logLevel: "error" });
    const [first, ...rest] = setting.slice(0, at).split(".");
    // Keys of the sweep are paths themselves.
    const path = first === "sweep" && rest.length > 0 ? [first, rest.join(".")] : [first!, ...rest];
    return { path, value, shown };
  } catch (error) {
    throw new ConfigError(`${shown}: ${messageOf(error)}`);
  }
}

/** Puts a value at a path; what is in its way gives way. */
function withOverride(root: Json, path: readonly string[], value: unknown): Json {
  const [key, ...rest] = path;
  if (rest.length === 0) return { ...root, [key!]: value };
  const inner = Object.hasOwn(root, key!) ? root[key!] : undefined;
  return { ...root, [key!]: withOverride(isObject(inner) ? inner : {}, rest, value) };
}

/** An override of how long to train replaces whatever else says so. */
function withoutOtherLengths(root: Json, path: readonly string[]): Json {
  const training = root["training"];
  if (!LENGTH_KEYS.includes(path.join(".")) || !isObject(training)) return root;
  const { steps: _, tokens: __, epochs: ___, ...rest } = training;
  return { ...root, training: rest };
}

function isListOfLists(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Array.isArray(item));
}

/** The lists outside `population`, which are axes of a sweep, but for the keys of `lists`. */
function listAxes(
  node: Json,
  lists: ReadonlySet<string>,
  path: readonly string[] = [],
): SweepAxis[] {
  return Object.entries(node).flatMap(([key, value]): SweepAxis[] => {
    const here = [...path, key];
    if (path.length === 0 && key === "population") return [];
    if (lists.has(here.join(".")) && !isListOfLists(value)) return [];
    if (Array.isArray(value)) return [{ path: here, values: value }];
    return isObject(value) ? listAxes(value, lists, here) : [];
  });
}

/** Lists of a source that stand for all values of another key: `[["hooks", "hook"]]`. */
function eachOf(root: Json): [list: string, key: string][] {
  const { source } = root;
  return isObject(source) ? Object.entries(domainOf(source["kind"])?.eachOf ?? {}) : [];
}

/** An override of such a list or key replaces the other. */
function withoutTwin(root: Json, path: readonly string[]): Json {
  const twins = eachOf(root).map((pair) => pair.map((name) => `source.${name}`));
  const other = twins
    .filter((pair) => pair.includes(path.join(".")))
    .flatMap((pair) => pair.filter((name) => name !== path.join(".")));
  const { source } = root;
  if (other.length === 0 || !isObject(source)) return root;
  const rest = Object.entries(source).filter(([name]) => !other.includes(`source.${name}`));
  return { ...root, source: Object.fromEntries(rest) };
}

/**
 * The axes of such lists, where the other key is not given.
 *
 * @param whereOf Names the place of a key in messages.
 * @throws {ConfigError} for anything but a list of names.
 */
function eachOfAxes(root: Json, whereOf: (path: readonly string[]) => string): SweepAxis[] {
  const source = root["source"] as Json | undefined;
  return eachOf(root).flatMap(([list, key]) => {
    const values = source![list];
    if (values === undefined || Object.hasOwn(source!, key)) return [];
    if (Array.isArray(values) && values.length > 0 && values.every((v) => typeof v === "string"))
      return [{ path: ["source", key], values }];
    throw new ConfigError(
      `${whereOf(["source", list])}: source.${list}: expected a list of names.`,
    );
  });
}

/** Every combination of the axes' values. */
function expand(
  root: Json,
  sweep: readonly SweepAxis[],
): { raw: Json; axes: Record<string, unknown> }[] {
  let runs = [{ raw: root, axes: {} as Record<string, unknown> }];
  for (const { path, values } of sweep) {
    if (values.length === 0) throw new ConfigError(`${path.join(".")} is an empty list.`);
    if (runs.length * values.length > MAX_RUNS)
      throw new ConfigError(`The lists make more than ${MAX_RUNS} runs.`);
    runs = runs.flatMap(({ raw, axes }) =>
      values.map((value) => ({
        raw: withOverride(raw, path, value),
        axes: { ...axes, [path.join(".")]: value },
      })),
    );
  }
  return runs;
}

/** A value as part of a folder name. */
function slug(value: unknown): string {
  const text = isObject(value)
    ? Object.entries(value)
        .map(([k, v]) => `${k}-${slug(v)}`)
        .join("-")
    : String(value);
  return text.replace(/[^\w.-]+/g, "-");
}

/** `mfr/coupling.weight=3,seed=1` for the run with those axes. */
function runName(base: string, axes: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(axes).map(([key, value]) => `${key}=${slug(value)}`);
  return parts.length === 0 ? base : `${base}/${parts.join(".")}`;
}

/** The first problem of a config as one sentence, with the line that the key stands in. */
function describe(
  error: z.ZodError,
  raw: unknown,
  whereOf: (path: readonly PropertyKey[]) => string | undefined,
  where: string,
): ConfigError {
  let issue = error.issues[0]!;
  let { path, message } = issue;
  // A union hides why each branch failed; the branch that got furthest says most.
  while (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branches = issue.errors.flat();
    if (branches.length === 0) break;
    const deepest = branches.reduce((a, b) => (b.path.length > a.path.length ? b : a));
    path = [...path, ...deepest.path];
    issue = deepest as typeof issue;
    // Branches that all fail at once: the value may be any of what they expect.
    const expected = branches.flatMap((b) => expectation(b) ?? []);
    message =
      deepest.path.length === 0 && branches.length > 1
        ? `expected ${[...new Set(expected)].join(", or ")}${receivedText(valueAt(raw, path))}`
        : issue.message;
  }
  const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
  const at = whereOf([...path, ...unknown.slice(0, 1)]) ?? whereOf(path) ?? where;
  const key = path.map(String).join(".");
  if (unknown.length > 0)
    return new ConfigError(
      `${at}: unknown key ${unknown.map((k) => showName(key ? `${key}.${k}` : k)).join(", ")}.`,
      {
        hint: "concord schema prints every key there is.",
      },
    );
  return new ConfigError(`${at}: ${showName(key) || "the config"}: ${message}.`);
}

/**
 * A document's values. @throws {ConfigError} for aliases that multiply without end, or name
 * nothing.
 */
function plainData(document: Document.Parsed, where: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError(`${where}: ${messageOf(error)}`);
  }
}

/**
 * Reads a config text.
 *
 * @param where Names the file in messages.
 * @param settings `--set` overrides, later ones win.
 * @param name Instead of the config's; a sweep's runs lie below it.
 * @throws {ConfigError} naming file, line and key.
 */
export function parseConfig(
  text: string,
  where: string,
  settings: readonly string[] = [],
  name?: string,
): PlannedRun[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const [syntax] = document.errors;
  if (syntax)
    throw new ConfigError(
      `${where}:${lines.linePos(syntax.pos[0]).line}: ${messageOf(syntax).replace(/:$/, ".")}`,
    );
  const raw = plainData(document, where);
  if (!isObject(raw)) throw new ConfigError(`${where}: expected a mapping of keys to values.`);
  const overrides = settings.map(overrideOf);
  if (name !== undefined)
    overrides.push({ path: ["name"], value: name, shown: `--name ${showName(name)}` });
  const flat = (node: Json): Json =>
    Object.hasOwn(node, "sweep") ? { ...node, sweep: flatSweep(node["sweep"], where) } : node;
  const root = flat(
    overrides.reduce(
      (node, { path, value }) =>
        withOverride(withoutTwin(withoutOtherLengths(node, path), path), path, value),
      flat(raw),
    ),
  );
  const whereOf = (path: readonly PropertyKey[]) => {
    const keys = path.map(String);
    const override = overrides.findLast((o) => o.path.every((key, i) => key === keys[i]));
    if (override) return override.shown;
    // What the file does not have, an override of something below it has made.
    const made = document.hasIn(keys)
      ? undefined
      : overrides.findLast((o) => keys.every((key, i) => key === o.path[i]));
    if (made) return made.shown;
    const node = document.getIn(path as (string | number)[], true) as
      | { range?: [number, number, number] }
      | undefined;
    return node?.range ? `${where}:${lines.linePos(node.range[0]).line}` : undefined;
  };
  const { sweep, ...plain } = root;
  const { source } = plain;
  const lists = [
    ...listAxes(plain, listKeys(isObject(source) ? source["kind"] : undefined)),
    ...eachOfAxes(plain, (path) => whereOf(path) ?? where),
  ];
  const whereInSweep = (key: readonly string[]) =>
    whereOf(["sweep", ...key]) ?? whereOf(["sweep", ...key.flatMap((k) => k.split("."))]) ?? where;
  const block = Object.hasOwn(root, "sweep") ? sweepBlockAxes(sweep, lists, whereInSweep) : [];
  // What a run has from the sweep block stands there.
  const placeOf = (path: readonly PropertyKey[]) => {
    const axis = block.find(({ path: own }) => own.every((key, i) => key === path[i]));
    return axis ? whereInSweep([axis.path.join(".")]) : whereOf(path);
  };
  const runs = expand(plain, [...lists, ...block]).map(({ raw: one, axes }) => {
    const parsed = configSchema.safeParse(one, { error: issueText });
    if (!parsed.success) throw describe(parsed.error, one, placeOf, where);
    const config = configOfFile(parsed.data);
    const given = [config.training.steps, config.training.tokens, config.training.epochs];
    if (given.filter((v) => v !== undefined).length !== 1)
      throw new ConfigError(`${where}: training needs exactly one of steps, tokens and epochs.`);
    requireConsensusMembers(config, placeOf(["consensus"]) ?? where);
    return { config: { ...config, name: runName(config.name, axes) }, axes };
  });
  const names = new Set<string>();
  for (const { config } of runs) {
    if (names.has(config.name))
      throw new ConfigError(`${where}: two runs of the sweep would both be ${config.name}.`, {
        hint: "A list names a value twice, or values that differ only in signs that names cannot hold.",
      });
    names.add(config.name);
  }
  return runs;
}

/** Reads a config file. @throws {ConfigError}; {ConcordError} `file/missing`. */
export async function loadConfig(
  path: string,
  settings: readonly string[] = [],
  name?: string,
): Promise<PlannedRun[]> {
  return parseConfig(await readText(path), path, settings, name);
}
