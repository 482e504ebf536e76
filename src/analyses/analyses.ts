/** @file Every analysis there is, and running those that a config asks for. */

import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Tensor } from "../base/tensor.ts";
import type { AgreementFound, Analysis, AnalysisContext, KeptFile } from "../domains/analysis.ts";
import type { Domain } from "../domains/domain.ts";
import { DOMAINS } from "../domains/domains.ts";
import { camelKeys } from "../formats/key-case.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { requireWritable } from "../formats/write-fence.ts";
import { saveSae } from "../interchange/saelens.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { STARTS_FILE } from "../runs/starts.ts";
import type { Source } from "../sources/source.ts";
import { agreement } from "./agreement.ts";
import { baselines } from "./baselines.ts";
import { consensus } from "./consensus/consensus.ts";
import { type EvaluationContext, evaluation } from "./evaluation.ts";
import { features } from "./features/features.ts";
import { latentStatistics } from "./latent-statistics.ts";
import { probes } from "./probes/probes.ts";
import { symmetry } from "./symmetry.ts";

/** Those that wings bring. */
const OF_WINGS: readonly Analysis[] = DOMAINS.flatMap((domain: Domain) => domain.analyses ?? []);

/** In the order in which they run, and in which reports show them. */
export const ANALYSES: readonly Analysis[] = [
  evaluation,
  agreement,
  latentStatistics as Analysis,
  baselines as Analysis,
  probes as Analysis,
  symmetry as Analysis,
  ...OF_WINGS,
  features as Analysis,
  consensus as Analysis,
];

/** An analysis as a config lists it: its name, or its name with options. */
export type ListedAnalysis = string | { readonly kind: string; readonly [key: string]: unknown };

/** What a config says of analyses. */
export interface AnalysesConfig {
  /** All but those that have to be asked for when left out. */
  readonly analyses?: readonly ListedAnalysis[] | undefined;
  /** Options of the analysis with this key of its own; undefined: it is not wanted. */
  readonly consensus?: object | undefined;
}

function listed({ analyses }: AnalysesConfig, { name }: Pick<Analysis, "name">) {
  return analyses?.find((one) => (typeof one === "string" ? one : one.kind) === name);
}

/** What stands under an analysis's own key. */
function underKey(config: AnalysesConfig, { name, ownKey }: Pick<Analysis, "name" | "ownKey">) {
  return ownKey ? (Reflect.get(config, name) as object | undefined) : undefined;
}

/**
 * Whether a config asks for an analysis: it lists it, has its key, or lists none. Then all run but
 * those that have to be asked for.
 */
export function isWanted(
  config: AnalysesConfig,
  analysis: Pick<Analysis, "name" | "ownKey" | "onRequest">,
): boolean {
  if (listed(config, analysis) !== undefined) return true;
  if (analysis.onRequest) return false;
  return analysis.ownKey ? underKey(config, analysis) !== undefined : config.analyses === undefined;
}

/** Whether a config asks for an analysis, or the analysis runs on such rows without being asked. */
function runsOn(config: AnalysesConfig, analysis: Analysis, source: Source): boolean {
  if (!isWanted(config, analysis)) return false;
  return listed(config, analysis) !== undefined || isUnasked(analysis, source.provenance.kind);
}

const isUnasked = ({ unasked }: Analysis, kind: string) => unasked?.(kind) ?? true;

/** Analyses that will run on a source of this kind, as far as its config says. */
export function plannedAnalyses(
  config: AnalysesConfig,
  { kind, analyses = [] }: Domain,
): Analysis[] {
  const possible = ANALYSES.filter((one) => !OF_WINGS.includes(one) || analyses.includes(one));
  return possible.filter(
    (one) => isWanted(config, one) && (listed(config, one) !== undefined || isUnasked(one, kind)),
  );
}

/** The options of an analysis in camelCase, defaults filled in. */
export function optionsOf(config: AnalysesConfig, analysis: Analysis): object {
  const { options } = analysis;
  const defaults = options ? camelKeys(options.parse({})) : {};
  const own = listed(config, analysis);
  if (own === undefined || typeof own === "string")
    return { ...defaults, ...underKey(config, analysis) };
  const { kind: _, ...given } = own;
  return { ...defaults, ...given };
}

/** An analysis with the options that a config has for it. */
export function asListed(config: AnalysesConfig, name: string): ListedAnalysis {
  const analysis = ANALYSES.find((one) => one.name === name)!;
  return { kind: name, ...optionsOf(config, analysis) };
}

/** The items of `analyses` in a config. */
export function listedSchema(): z.ZodType<ListedAnalysis> {
  const listable = ANALYSES.filter(({ ownKey }) => !ownKey);
  const names = z.enum(listable.map(({ name }) => name) as [string, ...string[]]);
  const withOptions = listable.flatMap(({ name, summary, options }) =>
    options ? [z.strictObject({ kind: z.literal(name).describe(summary), ...options.shape })] : [],
  );
  return z.union([names, ...withOptions]);
}

/** Analyses that a config lists though there is nothing in rows of this source for them. */
export function idleAnalyses(config: AnalysesConfig, source: Source): string[] {
  return ANALYSES.filter(
    (analysis) => listed(config, analysis) !== undefined && !analysis.applies(source),
  ).map(({ name }) => name);
}

/**
 * Lets the analyses that a config wants check what they will need, before training.
 *
 * @param baseFolder What paths in options are relative to.
 * @throws {ConcordError} as their `prepare` does.
 */
export async function prepareAnalyses(
  config: AnalysesConfig,
  source: Source,
  baseFolder: string,
): Promise<void> {
  for (const analysis of ANALYSES)
    if (runsOn(config, analysis, source) && analysis.applies(source))
      await analysis.prepare?.(source, optionsOf(config, analysis), baseFolder);
}

/** What one analysis found. */
export interface FoundBy {
  readonly analysis: Analysis;
  readonly found: unknown;
}

/**
 * Runs analyses on trained members: the evaluation first, which the others rest on, then those that
 * are wanted and have something to look at.
 *
 * @param config What is wanted.
 * @param own    Further analyses, which run last whether the config lists them or not.
 * @throws {ConcordError} as the analyses do.
 */
export async function runAnalyses(
  context: EvaluationContext,
  config: AnalysesConfig = {},
  own: readonly Analysis[] = [],
): Promise<FoundBy[]> {
  const evaluated = await evaluation.analyse(context);
  const all: FoundBy[] = [{ analysis: evaluation, found: evaluated }];
  const known = { ...context, evaluation: evaluated };
  let agreed: AgreementFound | undefined;
  if (isWanted(config, agreement)) {
    agreed = await agreement.analyse(known);
    all.push({ analysis: agreement, found: agreed });
  }
  const rest: AnalysisContext = { ...known, agreement: agreed };
  const others = ANALYSES.filter((one) => one !== evaluation && one !== agreement);
  const further = [...others.filter((one) => runsOn(config, one, context.source)), ...own];
  for (const analysis of further) {
    if (!analysis.applies(context.source)) continue;
    const found = await analysis.analyse(rest, optionsOf(config, analysis));
    all.push({ analysis, found });
    context.phaseDone();
  }
  return all;
}

/** What is in the files of `results/` that analyses are about to write. */
export interface EarlierResults {
  json(name: string): Promise<object>;
  tensors(name: string): Promise<ReadonlyMap<string, Tensor>>;
}

/** Files that are written anew. */
const NOTHING: EarlierResults = { json: async () => ({}), tensors: async () => new Map() };

/** What the files of a finished run hold, to which something is added. */
export function earlierResults(folder: RunFolder): EarlierResults {
  const hasFile = (name: string) => existsSync(folder.file("results", name));
  return {
    async json(name) {
      const file = `${name}.json`;
      return hasFile(file) ? ((await folder.readJson(`results/${file}`)) as object) : {};
    },
    async tensors(name) {
      const file = `${name}.safetensors`;
      if (!hasFile(file)) return new Map();
      return (await readSafetensors(folder.file("results", file))).tensors;
    },
  };
}

/** Removes what earlier analyses left in `results/`: they were of other SAEs. */
async function removeOthers(folder: RunFolder, written: ReadonlySet<string>): Promise<void> {
  const files = await readdir(folder.file("results"), { recursive: true, withFileTypes: true });
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || written.has(path) || path === folder.file(STARTS_FILE)) continue;
    await requireWritable(path);
    await rm(path);
  }
}

/**
 * Writes `results/`: SAEs and tensors first, then the JSON that speaks of them.
 *
 * @param earlier What is kept of files that are there; when left out, what is not written is
 *   removed.
 */
export async function writeAnalyses(
  folder: RunFolder,
  all: readonly FoundBy[],
  earlier = NOTHING,
): Promise<void> {
  await folder.makeFolder("results");
  const written = new Set<string>();
  const place = async (name: string) => {
    await folder.makeFolder("results", dirname(name));
    const path = folder.file("results", name);
    written.add(path);
    return path;
  };
  const writeTensors = async (name: string, { tensors: own, facts }: KeptFile) =>
    writeSafetensors(await place(`${name}.safetensors`), own, facts);
  const json = new Map<string, object>();
  const tensors = new Map<string, ReadonlyMap<string, Tensor>>();
  for (const { analysis, found } of all) {
    const results = analysis.results(found);
    for (const [name, part] of Object.entries(results.json ?? {})) {
      const before = json.get(name) ?? (await earlier.json(name));
      json.set(name, { ...before, ...part });
    }
    for (const [name, part] of Object.entries(results.tensors ?? {})) {
      const before = tensors.get(name) ?? (await earlier.tensors(name));
      tensors.set(name, new Map([...before, ...part]));
    }
    for (const [name, file] of Object.entries(results.files ?? {})) await writeTensors(name, file);
    for (const [name, text] of Object.entries(results.texts ?? {})) {
      await place(name);
      await folder.writeText(`results/${name}`, text);
    }
    for (const [name, { sae, metadata }] of Object.entries(results.saes ?? {}))
      await saveSae(folder.file(name), sae, metadata);
  }
  for (const [name, part] of tensors) await writeTensors(name, { tensors: part });
  for (const [name, part] of json) {
    await place(`${name}.json`);
    await folder.writeJson(`results/${name}.json`, part);
  }
  if (earlier === NOTHING) await removeOthers(folder, written);
}

/** What the analyses of a run left; those that it does not have are left out. */
export async function readAnalyses(folder: RunFolder): Promise<FoundBy[]> {
  const all: FoundBy[] = [];
  for (const analysis of ANALYSES) {
    const found = await analysis.read(folder);
    if (found !== undefined) all.push({ analysis, found });
  }
  return all;
}
