/** @file concord baseline: fits baselines, saves them as SAEs, and judges them. */

import { dirname } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { ConfigError } from "../../errors.ts";
import type { Sign } from "../../evaluate/baselines/signs.ts";
import { pauseFor } from "../../experiments/after-training.ts";
import { configOf } from "../../experiments/analyse-run.ts";
import { type MadeBaselines, makeBaselines } from "../../experiments/baselines/make-baselines.ts";
import { findSaes } from "../../experiments/compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../../experiments/compare/open-saes.ts";
import { openSource } from "../../experiments/open-source.ts";
import { findRun } from "../../runs/run-folder.ts";
import { openStoreSource } from "../../sources/shards/shard-kind.ts";
import type { Source } from "../../sources/source.ts";
import type { OpenSourceOptions } from "../../sources/source-kind.ts";
import { backendFor, cacheDir, catalogueOptions, interruptSignal } from "../environment.ts";
import { oneRun } from "../one-run.ts";
import { CollectLine, short, table } from "../output.ts";
import { print, say } from "../print.ts";

interface Options {
  readonly out: string;
  readonly run?: string;
  readonly config?: string;
  readonly store?: string;
  readonly sign?: Sign;
  readonly k?: number;
  readonly components?: number;
  readonly rows?: number;
  readonly seed: number;
  readonly center?: boolean;
  readonly shift?: number;
  readonly faithful?: boolean;
  readonly maxIterations?: number;
  readonly tolerance?: number;
  readonly root: string;
  readonly base: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Rows, and the SAEs that were trained on them. */
interface Opened {
  readonly source: Source;
  readonly saes: readonly OpenedSae[];
}

async function openRows(
  { run, config, store, root, base }: Options,
  options: Omit<OpenSourceOptions, "baseFolder">,
): Promise<Opened> {
  const given = [run, config, store].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new ConfigError(`Expected one of --run, --config and --store but got ${given.length}.`, {
      hint: "They say which rows to fit to.",
    });
  if (store !== undefined)
    return { source: await openStoreSource(store, { ...options, baseFolder: "." }), saes: [] };
  if (config !== undefined) {
    const planned = oneRun(await loadConfig(config), config);
    return {
      source: await openSource(planned.config, { ...options, baseFolder: dirname(config) }),
      saes: [],
    };
  }
  const folder = await findRun(root, run!);
  const saes: OpenedSae[] = [];
  for (const found of await findSaes(root, [run!]))
    saes.push(await openFoundSae(options.backend, found));
  const source = await openSource(await configOf(folder), { ...options, baseFolder: base });
  return { source, saes };
}

function resultJson({ made, judged }: MadeBaselines) {
  return {
    baselines: made.map(({ name, folder, sign, components, rows, facts, difference, sae }) => ({
      name,
      folder,
      sign,
      components,
      latents: sae.dSae,
      rows,
      facts,
      warning: difference ?? null,
    })),
    judged: judged.map(({ name, latents, fvu, l0, gtMcc, gtMccNull, found }) => ({
      name,
      latents,
      fvu,
      l0,
      gt_mcc: gtMcc ?? null,
      gt_mcc_null: gtMccNull ?? null,
      found: found ?? null,
    })),
  };
}

function resultText({ made, judged }: MadeBaselines): string {
  const rows = judged.map(({ name, latents, fvu, l0, gtMcc, gtMccNull, found }) => [
    name,
    String(latents),
    short(fvu),
    short(l0),
    gtMcc === undefined ? "–" : `${short(gtMcc)} (${short(gtMccNull!)})`,
    found === undefined ? "–" : String(found),
  ]);
  const lines = made.map(
    ({ folder, name, sign, components, rows: fitted }) =>
      `${folder}: ${name}, ${components} components, ${sign}, fitted to ${fitted} rows`,
  );
  const header = ["SAE", "latents", "FVU", "L0", "GT-MCC (null)", "features found"];
  return `${table(header, rows)}\n\n${lines.join("\n")}\n`;
}

export async function baseline(kinds: string[], options: Options): Promise<void> {
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, line.download, signal);
  const { source, saes } = await openRows(options, {
    backend,
    cacheDir: cacheDir(),
    signal,
    catalogue,
    onProgress: line.progress,
  });
  try {
    line.clear();
    const result = await makeBaselines(backend, {
      kinds,
      source,
      saes,
      out: options.out,
      sign: options.sign,
      k: options.k,
      components: options.components,
      rows: options.rows,
      seed: options.seed,
      centre: options.center,
      shift: options.shift,
      faithful: options.faithful,
      maxIterations: options.maxIterations,
      tolerance: options.tolerance,
      pause: () => pauseFor(signal),
      onIteration: (name, done) =>
        line.progress({ what: `fitting ${name}`, done, unit: "iterations" }),
    });
    line.clear();
    for (const { folder, name, facts, difference } of result.made) {
      if (facts["converged"] === false)
        say(
          `warning: ${name} had not converged after ${facts["iterations"]} iterations; --max-iterations allows more.\n`,
        );
      if (difference !== undefined) say(`warning: ${folder}: ${difference}\n`);
    }
    print(options.json ? `${JSON.stringify(resultJson(result))}\n` : resultText(result));
  } finally {
    line.clear();
    await source.close();
  }
}
