/** @file concord ensemble: makes a bag of SAEs or trains a boosted chain, and judges it. */

import { dirname } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { pauseFor } from "../../experiments/after-training.ts";
import { boost } from "../../experiments/ensemble/boost.ts";
import { type MadeEnsemble, makeBag } from "../../experiments/ensemble/make-bag.ts";
import { domainOfConfig, openSource } from "../../experiments/open-source.ts";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../environment.ts";
import { oneRun } from "../one-run.ts";
import { CollectLine, short, table } from "../output.ts";
import { print, say, warn } from "../print.ts";
import { runWatcher } from "../run-watcher.ts";
import { reportRun } from "../write-reports.ts";

function resultJson({ file, judged }: MadeEnsemble, out: string, runs?: readonly string[]) {
  const { format: _, ...facts } = file;
  return {
    out,
    ...facts,
    ...(runs && { runs }),
    judged: judged.map((part) => ({
      name: part.name,
      latents: part.latents,
      fvu: part.fvu,
      l0: part.l0,
      gt_mcc: part.gtMcc ?? null,
      gt_mcc_null: part.gtMccNull ?? null,
      found: part.found ?? null,
      connectivity: part.connectivity ?? null,
      connectivity_rows: part.connectivityRows,
      diversity: part.diversity,
    })),
  };
}

function resultText({ file, judged }: MadeEnsemble, out: string): string {
  const lines: string[] = [];
  if (judged.length > 0) {
    const rows = judged.map(({ name, latents, fvu, l0, gtMcc, gtMccNull, found, ...part }) => [
      name,
      String(latents),
      short(fvu),
      short(l0),
      gtMcc === undefined ? "–" : `${short(gtMcc)} (${short(gtMccNull!)})`,
      found === undefined ? "–" : String(found),
      part.connectivity === undefined ? "–" : part.connectivity.toFixed(4),
      String(part.diversity),
    ]);
    const header = ["SAE", "latents", "FVU", "L0", "GT-MCC (null)", "features found"];
    lines.push(table([...header, "connectivity", "diversity@0.7"], rows));
    lines.push(`connectivity over ${judged[0]!.connectivityRows} held-out rows`, "");
  }
  const k = file.k === null ? "" : `, ${file.k} active per row`;
  lines.push(`${out}: a ${file.kind} of ${file.members.length} SAEs, ${file.d_sae} latents${k}`);
  lines.push(
    file.sae === null ? `no single SAE: ${file.no_sae}` : `${out}/${file.sae}: the same as one SAE`,
  );
  return `${lines.join("\n")}\n`;
}

function show(made: MadeEnsemble, out: string, json: boolean | undefined, runs?: string[]): void {
  for (const difference of made.differences) say(`warning: ${difference}\n`);
  if (json) print(`${JSON.stringify(resultJson(made, out, runs))}\n`);
  else print(resultText(made, out));
}

interface BagOptions {
  readonly out: string;
  readonly config?: string;
  readonly root: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function bag(names: string[], options: BagOptions): Promise<void> {
  const { config, out, root, json } = options;
  const { backend } = backendFor();
  const signal = interruptSignal();
  const collecting = new CollectLine(process.stderr, () => performance.now());
  const hub = catalogueOptions(options.offline, collecting.download, signal);
  const planned = config === undefined ? undefined : oneRun(await loadConfig(config), config);
  const source =
    planned &&
    (await openSource(planned.config, {
      backend,
      baseFolder: dirname(config!),
      cacheDir: cacheDir(),
      signal,
      catalogue: hub,
      onProgress: collecting.progress,
    }));
  try {
    collecting.clear();
    const pause = () => pauseFor(signal);
    show(await makeBag(backend, { names, hub, source, root, out, pause }), out, json);
  } finally {
    collecting.clear();
    await source?.close();
  }
}

interface ChainOptions {
  readonly stages: number;
  readonly out: string;
  readonly set: string[];
  readonly name?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function boostChain(path: string, options: ChainOptions): Promise<void> {
  const { stages, out, json } = options;
  const hint = "Replace its lists by single values: --set <key>=<value>.";
  const one = oneRun(await loadConfig(path, options.set, options.name), path, hint);
  const signal = interruptSignal();
  const { backend, fallbackReason } = backendFor(one.config.backend);
  if (fallbackReason) warn(`running on the slow reference backend: ${fallbackReason}`);
  const clock = () => performance.now();
  const collecting = new CollectLine(process.stderr, clock);
  const { unit } = domainOfConfig(one.config);
  const context = {
    ...processFacts(),
    backend,
    baseFolder: dirname(path),
    cacheDir: cacheDir(),
    signal,
    catalogue: catalogueOptions(options.offline, collecting.download, signal),
    onProgress: collecting.progress,
    onEvent: runWatcher(unit, process.stderr, clock),
  };
  const runs: string[] = [];
  const made = await boost(one, context, {
    stages,
    out,
    async onStage(_, { folder }) {
      collecting.clear();
      runs.push(folder.path);
      const report = await reportRun(folder);
      if (!json) print(`${report ?? folder.path}\n`);
    },
  });
  collecting.clear();
  show(made, out, json, runs);
}
