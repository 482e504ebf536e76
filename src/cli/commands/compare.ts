/** @file concord compare: which features SAEs agree on, as tables. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, ConfigError } from "../../errors.ts";
import { pauseFor } from "../../experiments/after-training.ts";
import {
  compareFolders,
  type FolderComparison,
} from "../../experiments/compare/compare-folders.ts";
import { compareLatent } from "../../experiments/compare/compare-latent.ts";
import { comparisonJson, latentsCsv } from "../../experiments/compare/comparison-json.ts";
import {
  allLatentTensors,
  latentMetadata,
  latentTensors,
} from "../../experiments/compare/latent-table.ts";
import { leftOutText } from "../../experiments/compare/open-saes.ts";
import { compareReport } from "../../experiments/compare/report/compare-report.ts";
import type { CollectForSaes } from "../../experiments/compare/rows/collected-rows.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { writeSafetensors } from "../../formats/safetensors-file.ts";
import { LATENT_TABLE_FILE, writeLatentTable } from "../../interchange/latent-metadata.ts";
import { activationTables, effectiveRankOf } from "../activation-tables.ts";
import { backendFor, cacheDir, catalogueOptions, interruptSignal } from "../environment.ts";
import { CollectLine, ProgressLine, short, TimeLeft, table } from "../output.ts";
import { print, say } from "../print.ts";
import { dictionariesText } from "./compare-dictionaries.ts";
import { latentLine, latentText } from "./compare-latent.ts";

interface Options {
  readonly root: string;
  readonly tau: number;
  readonly rows?: string[];
  readonly store?: string[];
  readonly text?: string;
  readonly model?: string;
  readonly hook?: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly align?: boolean;
  readonly offline?: boolean;
  readonly transfer?: boolean;
  readonly latent?: string;
  readonly anySize?: boolean;
  readonly out?: string;
  readonly writeMetadata?: boolean;
  readonly json?: boolean;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function saeTable(comparison: FolderComparison): string {
  const { saes, threshold, activations } = comparison;
  const ofRows = (cell: string) => (activations ? [cell] : []);
  return table(
    [
      "SAE",
      "format",
      "latents",
      ...ofRows("effective rank"),
      "dead",
      "in all others",
      "in some",
      "in none",
      "alignment",
    ],
    saes.map((sae, i) => [
      sae.name,
      `${sae.format} ${sae.architecture}`,
      String(sae.dSae),
      ...ofRows(effectiveRankOf(comparison, i)),
      sae.dead === undefined ? "–" : String(sae.dead),
      sae.shared ? percent(sae.shared.always) : "–",
      sae.shared ? percent(sae.shared.sometimes) : "–",
      sae.shared ? percent(sae.shared.never) : "–",
      short(sae.alignment.reduce((sum, v) => sum + v, 0) / sae.dSae),
    ]),
  ).concat(
    `\nfound again: matched one to one with a cosine of at least ${threshold}${activations ? "; effective rank: of the rows" : ""}\n`,
  );
}

/** Pairs that the terminal shows; --json and --out have all. */
const PAIRS_SHOWN = 21;

function pairTable({ saes, pairs, codes, basesDiffer }: FolderComparison): string {
  const isAnyOther = basesDiffer.includes(true);
  const next = (value: number | undefined, none: number | undefined) =>
    value === undefined || none === undefined ? "–" : `${short(value)} (${short(none)})`;
  const shown = table(
    [
      "pair",
      "MCC (null)",
      "mean-max → (null)",
      "← (null)",
      "encoder MCC",
      "shared@0.7 (null)",
      ...(codes ? ["Jaccard (null)", "correlation (null)"] : []),
      ...(isAnyOther ? ["bases"] : []),
    ],
    pairs
      .slice(0, PAIRS_SHOWN)
      .map(({ a, b, measures, null: none }, i) => [
        `${saes[a]!.name} – ${saes[b]!.name}`,
        next(measures.mcc, none.mcc),
        next(measures.meanMax[0], none.meanMax[0]),
        next(measures.meanMax[1], none.meanMax[1]),
        short(measures.mccEncoder),
        `${percent(measures.shared[1]!)} (${percent(none.shared[1]!)})`,
        ...(codes
          ? [
              next(codes[i]?.jaccard, codes[i]?.jaccardNull),
              next(codes[i]?.correlation, codes[i]?.correlationNull),
            ]
          : []),
        ...(isAnyOther ? [basesDiffer[i] ? "bases differ" : "same"] : []),
      ]),
  );
  const more = pairs.length - PAIRS_SHOWN;
  return more > 0 ? `${shown}\n${more} more pairs: --json or --out has them all` : shown;
}

function summaryLines({ pwMcc }: FolderComparison): string[] {
  if (!pwMcc) return ["No two of these SAEs have one d_in: nothing to compare by cosine."];
  const { mean, sd, interval } = pwMcc;
  const spread = sd === undefined ? "" : ` ± ${short(sd)} over pairs`;
  const range = interval ? `, 95 % ${short(interval[0])} to ${short(interval[1])} over SAEs` : "";
  return [`PW-MCC ${short(mean)}${spread}${range}; unrelated dictionaries: ${short(pwMcc.null)}`];
}

/** The text whose activations are collected for SAEs that have no rows; undefined without one. */
function collectRequest(
  options: Options,
  line: CollectLine,
  signal: AbortSignal,
): CollectForSaes | undefined {
  const { text, model, hook, context, maxTokens } = options;
  if (text === undefined) {
    const unused = Object.entries({ model, hook, context, "max-tokens": maxTokens }).find(
      ([, value]) => value !== undefined,
    );
    if (!unused) return undefined;
    throw new ConfigError(`--${unused[0]} needs --text: the text whose activations are collected.`);
  }
  return {
    text,
    model,
    hook,
    context,
    maxTokens,
    options: {
      signal,
      baseFolder: ".",
      cacheDir: cacheDir(),
      catalogue: catalogueOptions(options.offline, line.download, signal),
      onProgress: line.progress,
    },
  };
}

async function writeTables(comparison: FolderComparison, out: string): Promise<void> {
  const json = JSON.stringify(comparisonJson(comparison), null, 2);
  await makeFolder(out);
  await writeFileAtomically(join(out, "latents.csv"), latentsCsv(comparison));
  const tensors = allLatentTensors(comparison);
  await writeSafetensors(join(out, "latents.safetensors"), tensors, latentMetadata(comparison));
  await writeFileAtomically(join(out, "report.html"), compareReport(comparison));
  await writeFileAtomically(join(out, "comparison.json"), `${json}\n`);
}

/** Writes the table of every SAE into its folder. @returns which have none, as warnings. */
async function writeMetadata(comparison: FolderComparison): Promise<string[]> {
  const warnings: string[] = [];
  for (const [i, { folder, name, hubName }] of comparison.saes.entries())
    if (hubName !== undefined)
      warnings.push(`${name} is of the hub, so its table is written nowhere.`);
    else if ((await stat(folder)).isDirectory())
      await writeLatentTable(folder, latentTensors(comparison, i), latentMetadata(comparison));
    else warnings.push(`${name} is one file, so its table is written nowhere.`);
  return warnings;
}

function printTables(comparison: FolderComparison, { out, writeMetadata }: Options): void {
  const summary = summaryLines(comparison).join("\n");
  const acted = activationTables(comparison);
  const tables = [pairTable(comparison), ...(acted === undefined ? [] : [acted])].join("\n\n");
  print(`${saeTable(comparison)}\n${tables}\n${summary}\n\n`);
  print(dictionariesText(comparison));
  if (out !== undefined)
    print(`${join(out, "report.html")}, and latents.csv with the partners of every latent\n`);
  if (writeMetadata) print(`${LATENT_TABLE_FILE} is in the folder of every SAE\n`);
}

/** One latent in place of a whole comparison. */
async function compareOne(names: string[], options: Options): Promise<void> {
  const { root, latent, json } = options;
  const others = [
    "rows",
    "store",
    "text",
    "align",
    "transfer",
    "out",
    "writeMetadata",
    "anySize",
  ] as const;
  const other = others.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw new ConcordError(
      "argument/invalid",
      `--latent prints one latent and takes no --${other.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}.`,
      { hint: "Give the two in commands of their own." },
    );
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const hub = catalogueOptions(options.offline, line.download, signal);
  const pause = () => pauseFor(signal);
  const found = await compareLatent(backend, {
    names,
    root,
    hub,
    latent: latent!,
    pause,
  }).finally(() => line.clear());
  sayWarnings(found.leftOut.map(leftOutText));
  print(json ? latentLine(found) : latentText(found));
  requireAll(found.others.length + 1, found.leftOut);
}

function sayWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) say(`warning: ${warning}\n`);
}

/** Ends the command with a failure where something that was named was left out. */
function requireAll(compared: number, leftOut: FolderComparison["leftOut"]): void {
  if (leftOut.length === 0) return;
  throw new ConcordError(
    "format/invalid",
    `Compared ${compared} SAEs, without ${leftOut.map(({ name }) => name).join(", ")}.`,
    { hint: "The warnings above say what is wrong; name the others alone to do without." },
  );
}

export async function compare(names: string[], options: Options): Promise<void> {
  if (options.latent !== undefined) return compareOne(names, options);
  const { root, tau, rows, store, out, json, transfer, anySize } = options;
  const { backend } = backendFor();
  const signal = interruptSignal();
  const clock = () => performance.now();
  const line = new ProgressLine(process.stderr, clock);
  const collecting = new CollectLine(process.stderr, clock);
  let timeLeft = new TimeLeft(clock);
  let doing = "";
  const catalogue = catalogueOptions(options.offline, collecting.download, signal);
  const comparison = await compareFolders(backend, {
    names,
    hub: catalogue,
    root,
    transfer,
    align: options.align ? catalogue : undefined,
    threshold: tau,
    rows: rows && { path: rows },
    stores: store,
    collect: collectRequest(options, collecting, signal),
    anySize: anySize === true,
    pause: () => pauseFor(signal),
    onProgress: ({ what, done, total, unit }) => {
      if (what !== doing) {
        collecting.clear();
        line.clear();
        timeLeft = new TimeLeft(clock);
      }
      doing = what;
      const left = timeLeft.update(done, total);
      line.update(() => `${what}: ${short(done)} of ${short(total)} ${unit}${left}`);
    },
  }).finally(() => {
    collecting.clear();
    line.clear();
  });
  if (out !== undefined) await writeTables(comparison, out);
  if (options.writeMetadata) sayWarnings(await writeMetadata(comparison));
  sayWarnings(comparison.warnings);
  if (json) print(`${JSON.stringify(comparisonJson(comparison))}\n`);
  else printTables(comparison, options);
  requireAll(comparison.saes.length, comparison.leftOut);
}
