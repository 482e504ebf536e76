/**
 * @file From YAML to validated configs: `--set` overrides, lists that make a sweep, and errors that name the line.
 *
 * A list where the schema wants one value, outside `population`, makes one run for every combination. Inside `population` the
 * schema itself takes lists: there they make members.
 */

import { readFile } from "node:fs/promises";
import { type Document, LineCounter, parseDocument, parse as parseYaml } from "yaml";
import type { z } from "zod";
import { ConfigError, messageOf } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { showName } from "../formats/show-name.ts";
import { LENGTH_KEYS } from "./changes.ts";
import { type Config, configSchema, LIST_KEYS } from "./schema.ts";

type Json = { [key: string]: unknown };

/** One run of a sweep. */
export interface PlannedRun {
  readonly config: Config;
  /** The values of the sweep's axes in this run: `{ "coupling.weight": 3 }`; empty when there is no sweep. */
  readonly axes: Readonly<Record<string, unknown>>;
}

/** More runs than this from one file are taken for a mistake. */
const MAX_RUNS = 10_000;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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
    return { path: setting.slice(0, at).split("."), value, shown };
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

/** Paths of the lists outside `population`: the axes of a sweep. */
function sweepAxes(
  node: Json,
  path: readonly string[] = [],
): { path: string[]; values: unknown[] }[] {
  return Object.entries(node).flatMap(([key, value]) => {
    const here = [...path, key];
    if (path.length === 0 && key === "population") return [];
    if (LIST_KEYS.has(here.join(".")) && !isListOfLists(value)) return [];
    if (Array.isArray(value)) return [{ path: here, values: value }];
    return isObject(value) ? sweepAxes(value, here) : [];
  });
}

function withValue(root: Json, path: readonly string[], value: unknown): Json {
  const [key, ...rest] = path;
  const inner = rest.length === 0 ? value : withValue((root[key!] ?? {}) as Json, rest, value);
  return { ...root, [key!]: inner };
}

/** Every combination of the axes' values. */
function expand(root: Json): { raw: Json; axes: Record<string, unknown> }[] {
  let runs = [{ raw: root, axes: {} as Record<string, unknown> }];
  for (const { path, values } of sweepAxes(root)) {
    if (values.length === 0) throw new ConfigError(`${path.join(".")} is an empty list.`);
    if (runs.length * values.length > MAX_RUNS)
      throw new ConfigError(`The lists make more than ${MAX_RUNS} runs.`);
    runs = runs.flatMap(({ raw, axes }) =>
      values.map((value) => ({
        raw: withValue(raw, path, value),
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
    const expectations = branches.map((b) => b.message.replace(/^Invalid input: /, ""));
    message =
      deepest.path.length === 0 && expectations.length > 1
        ? [...new Set(expectations)].join(", or ")
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

/** A document's values. @throws {ConfigError} for aliases that multiply without end, or name nothing. */
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
  const root = overrides.reduce(
    (node, { path, value }) => withOverride(withoutOtherLengths(node, path), path, value),
    raw,
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
  return expand(root).map(({ raw: one, axes }) => {
    const parsed = configSchema.safeParse(one);
    if (!parsed.success) throw describe(parsed.error, whereOf, where);
    const config = parsed.data;
    const given = [config.training.steps, config.training.tokens, config.training.epochs];
    if (given.filter((v) => v !== undefined).length !== 1)
      throw new ConfigError(`${where}: training needs exactly one of steps, tokens and epochs.`);
    return { config: { ...config, name: runName(config.name, axes) }, axes };
  });
}

/** Reads a config file. @throws {ConfigError}; {ConcordError} `file/missing`. */
export async function loadConfig(
  path: string,
  settings: readonly string[] = [],
  name?: string,
): Promise<PlannedRun[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
  return parseConfig(text, path, settings, name);
}
