/** @file concord consensus: makes a dictionary of what several SAEs found, and judges it. */

import { dirname } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { plannedMembers } from "../../config/members.ts";
import type { Config } from "../../config/schema.ts";
import { ConfigError } from "../../errors.ts";
import { pauseFor } from "../../experiments/after-training.ts";
import { type Consensus, makeConsensus } from "../../experiments/consensus/make-consensus.ts";
import { openSource } from "../../experiments/open-source.ts";
import { normalizeSource } from "../../sources/rows/normalized-source.ts";
import { backendFor, cacheDir, catalogueOptions, interruptSignal } from "../environment.ts";
import { oneRun } from "../one-run.ts";
import { CollectLine, short, table } from "../output.ts";
import { print } from "../print.ts";

interface Options {
  readonly out: string;
  readonly minMembers: number;
  readonly tau: number;
  readonly latents?: number;
  readonly fill?: boolean;
  readonly config?: string;
  readonly refit?: number;
  readonly trainAtoms?: boolean;
  readonly root: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

function resultJson({ groups, sizes, names, judged }: Consensus, options: Options) {
  return {
    out: options.out,
    latents: groups.length,
    of: names,
    min_members: options.minMembers,
    tau: options.tau,
    groups_by_members: sizes,
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

function resultText({ groups, sizes, names, judged }: Consensus, out: string): string {
  const counts = table(
    ["in SAEs", "latents"],
    sizes.map((count, i) => [`${i + 1} of ${names.length}`, String(count)]).reverse(),
  );
  const rows = judged.map(({ name, latents, fvu, l0, gtMcc, gtMccNull, found }) => [
    name,
    String(latents),
    short(fvu),
    short(l0),
    gtMcc === undefined ? "–" : `${short(gtMcc)} (${short(gtMccNull!)})`,
    found === undefined ? "–" : String(found),
  ]);
  const next =
    rows.length === 0
      ? ""
      : `\n\n${table(["SAE", "latents", "FVU", "L0", "GT-MCC (null)", "features found"], rows)}`;
  return `${counts}${next}\n\n${out}: an SAE of ${groups.length} latents, with groups.csv\n`;
}

/** Rows per step, rate and seed of a config's first member. */
function refitOf(config: Config, steps: number, { trainAtoms }: Options) {
  const [first] = plannedMembers(config.population, { dIn: 1, seed: config.seed, totalSteps: 1 });
  const { batch } = config.training;
  return { steps, batch, lr: first!.lr, seed: config.seed, atomsStay: trainAtoms !== true };
}

export async function consensus(names: string[], options: Options): Promise<void> {
  if (options.trainAtoms && options.refit === undefined)
    throw new ConfigError("--train-atoms needs --refit, the number of steps.");
  if (options.refit !== undefined && options.config === undefined)
    throw new ConfigError("--refit needs rows to train on.", {
      hint: "Give --config as well: a config whose source has them.",
    });
  const { backend } = backendFor();
  const signal = interruptSignal();
  const collecting = new CollectLine(process.stderr, () => performance.now());
  const hub = catalogueOptions(options.offline, collecting.download, signal);
  const { config } = options;
  const planned = config === undefined ? undefined : oneRun(await loadConfig(config), config);
  const opened =
    planned &&
    (await openSource(planned.config, {
      backend,
      baseFolder: dirname(options.config!),
      cacheDir: cacheDir(),
      signal,
      catalogue: hub,
      onProgress: collecting.progress,
    }));
  try {
    collecting.clear();
    const source =
      planned && opened && (await normalizeSource(opened, planned.config.source.normalize));
    const made = await makeConsensus(backend, {
      names,
      hub,
      source,
      root: options.root,
      minMembers: options.minMembers,
      threshold: options.tau,
      latents: options.latents,
      fill: options.fill,
      refit: planned && options.refit ? refitOf(planned.config, options.refit, options) : undefined,
      out: options.out,
      pause: () => pauseFor(signal),
    });
    if (options.json) print(`${JSON.stringify(resultJson(made, options))}\n`);
    else print(resultText(made, options.out));
  } finally {
    collecting.clear();
    await opened?.close();
  }
}
