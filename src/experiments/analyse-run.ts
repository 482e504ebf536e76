/**
 * @file Analyses of a run that has finished: its SAEs as they were saved, on the rows it held out.
 */

import { setImmediate } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import {
  ANALYSES,
  asListed,
  earlierResults,
  type FoundBy,
  type ListedAnalysis,
  prepareAnalyses,
  runAnalyses,
  writeAnalyses,
} from "../analyses/analyses.ts";
import { plannedMembers } from "../config/members.ts";
import { type Config, configOfFile, configSchema } from "../config/schema.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import type { AnalysedMember, Analysis } from "../domains/analysis.ts";
import { ConcordError, ConfigError, FormatError } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import { snakeKeys } from "../formats/key-case.ts";
import { readText } from "../formats/read-text.ts";
import { takeWriterLock } from "../formats/writer-lock.ts";
import { loadSae } from "../interchange/saelens.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { normalizeSource } from "../sources/rows/normalized-source.ts";
import type { Source } from "../sources/source.ts";
import type { OpenSourceOptions } from "../sources/source-kind.ts";
import { abortable, trainingFvus } from "./after-training.ts";
import { totalSteps } from "./build-population.ts";
import { garbageCollector } from "./garbage.ts";
import { initialCosines } from "./initial-cosines.ts";
import { requireSameData } from "./open-run.ts";
import { openSource } from "./open-source.ts";

/** What the machine contributes to an analysis; `baseFolder` is where the config's paths start. */
export interface AnalyseOptions extends OpenSourceOptions {
  /** Frees what nothing refers to any more. */
  readonly collectGarbage?: () => void;
  /** Told of the comparisons that are done, and of those that there are to do. */
  readonly onCompared?: (done: number, total: number) => void;
  /** Told of the rows that are looked at, and of those that there are to look at. */
  readonly onLooked?: (done: number, total: number) => void;
}

/** The config that a run keeps. @throws {FormatError} when it is not one of this version. */
export async function configOf(folder: RunFolder): Promise<Config> {
  const path = folder.file("config.yaml");
  const parsed = configSchema.safeParse(parse(await readText(path)), { error: issueText });
  if (parsed.success) return configOfFile(parsed.data);
  const { path: key, message } = parsed.error.issues[0]!;
  throw new FormatError(path, `${key.map(String).join(".") || "the config"}: ${message}.`);
}

/** @throws {ConfigError} naming the analyses that there are. */
function requireKnown(names: readonly string[]): void {
  const unknown = names.find((name) => !ANALYSES.some((analysis) => analysis.name === name));
  if (unknown === undefined) return;
  throw new ConfigError(`There is no analysis "${unknown}".`, {
    hint: `Name one or more of ${ANALYSES.map(({ name }) => name).join(", ")}.`,
  });
}

/** @throws {ConfigError} for options that the analysis does not have, or not with this value. */
function requireOptions(analysis: ListedAnalysis): void {
  if (typeof analysis === "string") return;
  const { kind, ...given } = analysis;
  const { options } = ANALYSES.find(({ name }) => name === kind)!;
  const parsed = (options ?? z.object({}))
    .strict()
    .safeParse(snakeKeys(given), { error: issueText });
  if (parsed.success) return;
  const { path, message } = parsed.error.issues[0]!;
  throw new ConfigError(`${[kind, ...path].map(String).join(".")}: ${message}.`);
}

/** Lets the process hear signals. @throws {ConcordError} "interrupted" after one. */
export async function pauseFor(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted)
    throw new ConcordError("interrupted", "The analysis was interrupted.", {
      hint: "Nothing was written; run the same command again.",
    });
}

/** The members of a finished run, from their folders below saes/. */
async function savedMembers(
  folder: RunFolder,
  config: Config,
  { backend, baseFolder }: Pick<AnalyseOptions, "backend" | "baseFolder">,
  run: Parameters<typeof plannedMembers>[1],
  source: Source,
): Promise<AnalysedMember[]> {
  const members: AnalysedMember[] = [];
  const beginning = source.train.state();
  for (const planned of plannedMembers(config.population, run)) {
    const { name, seed, coupled, label, setting, lr, architecture } = planned;
    const sae = await loadSae(backend, folder.file("saes", name));
    const dictionary = await dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn);
    const words = { name, seed, coupled, label, setting, lr };
    const where = { batch: config.training.batch, baseFolder, beginning };
    members.push({
      ...words,
      architecture: architecture.name,
      sae,
      dictionary,
      initialCosines: () => initialCosines(backend, planned, { dictionary }, source, where),
    });
  }
  return members;
}

/**
 * Runs analyses on a run that has finished, and adds what they find to its `results/`.
 *
 * The SAEs are those below `saes/`, in float32 as saved. Where training normalised its rows, that
 * is folded into them, and last digits may differ from those that the run itself found.
 *
 * @param analyses Names, as `analyses` of a config lists them, alone or with options in camelCase,
 *   and analyses of your own.
 * @returns What each found; those that the run's rows have nothing for are left out.
 * @throws {ConfigError} for a name that is not an analysis, and for options that it does not have;
 *   {ConcordError} "run/conflict" for a run
 *   that has not finished, is being written, or whose data has changed; "interrupted"; the errors
 *   of the source and the analyses. Nothing is written then.
 */
export async function analyseRun(
  folder: RunFolder,
  analyses: readonly (ListedAnalysis | Analysis)[],
  options: AnalyseOptions,
): Promise<FoundBy[]> {
  const isListed = (one: ListedAnalysis | Analysis) => typeof one === "string" || "kind" in one;
  const listed = analyses.filter((one): one is ListedAnalysis => isListed(one));
  const own = analyses.filter((one): one is Analysis => !isListed(one));
  const names = listed.map((one) => (typeof one === "string" ? one : one.kind));
  requireKnown(names);
  for (const one of listed) requireOptions(one);
  const record = await folder.readRecord();
  if (record.status !== "finished")
    throw new ConcordError("run/conflict", `The run ${folder.path} has not finished.`, {
      hint: "Go on with it: concord run <config.yaml> --resume.",
    });
  const config = await configOf(folder);
  const lock = await takeWriterLock(folder.path);
  try {
    const { backend, signal } = options;
    const opened = await openSource(config, options);
    try {
      requireSameData({ folder, record }, opened.provenance);
      const { normalize } = config.source;
      const source = await normalizeSource(opened, normalize, record.normalization);
      const steps = record.totalSteps ?? totalSteps(config, source.train.rowsPerPass);
      const run = { dIn: source.dIn, seed: config.seed, totalSteps: steps };
      const pause = () => pauseFor(signal);
      const context = {
        backend,
        members: await savedMembers(folder, config, options, run, source),
        source: { ...source, heldOut: abortable(source.heldOut, pause) },
        beginning: source.train.state(),
        baseFolder: options.baseFolder,
        seed: config.seed,
        steps,
        batch: config.training.batch,
        trainingFvu: await trainingFvus(folder),
        pause,
        phaseDone: garbageCollector(() => options.collectGarbage?.()),
        onCompared: options.onCompared ?? (() => {}),
        onLooked: options.onLooked ?? (() => {}),
      };
      const wanted = {
        analyses: listed.map((one) => (typeof one === "string" ? asListed(config, one) : one)),
      };
      await prepareAnalyses(wanted, source, options.baseFolder);
      const all = await runAnalyses(context, wanted, own);
      const asked = all.filter(
        ({ analysis }) => names.includes(analysis.name) || own.includes(analysis),
      );
      await writeAnalyses(folder, asked, earlierResults(folder));
      return asked;
    } finally {
      await opened.close();
    }
  } finally {
    await lock.release();
  }
}
