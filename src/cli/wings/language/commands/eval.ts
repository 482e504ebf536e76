/** @file concord eval: what SAEs cost the language model that they were trained on. */

import { join } from "node:path";
import { mean } from "../../../../base/statistics/mean.ts";
import { nearestWithin } from "../../../../consistency/lab/stability.ts";
import { dictionaryOf } from "../../../../consistency/matching/dictionary.ts";
import { type CoreFacts, coreJson } from "../../../../domains/language/evaluate/core-json.ts";
import {
  evaluateSaesInModel,
  type TextSpliceEvaluation,
} from "../../../../domains/language/evaluate/eval-text.ts";
import {
  spliceNumbers,
  spliceTable,
} from "../../../../domains/language/evaluate/splice-numbers.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { findSaes } from "../../../../experiments/compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../../../../experiments/compare/open-saes.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { makeFolder } from "../../../../formats/make-folder.ts";
import {
  backendFor,
  catalogueOptions,
  interruptSignal,
  processFacts,
} from "../../../environment.ts";
import { CollectLine, ProgressLine, short, TimeLeft, table } from "../../../output.ts";
import { print, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";
import { placeOf } from "./named-place.ts";

interface Options {
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly model?: string;
  readonly hook?: string;
  readonly context?: number;
  readonly maxTokens: number;
  readonly passDimensions?: number;
  readonly withOutliers?: boolean;
  readonly root: string;
  readonly out?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** The numbers of an evaluation, a row for every SAE. */
function resultTable(evaluation: TextSpliceEvaluation): string {
  const { header, rows } = spliceTable(spliceNumbers(evaluation));
  return table(
    header,
    rows.map((row) => row.map((cell) => (typeof cell === "number" ? short(cell) : cell))),
  );
}

export async function evaluateSaes(names: string[], options: Options): Promise<void> {
  const { backend } = backendFor();
  const signal = interruptSignal();
  const downloads = new CollectLine(process.stderr, () => performance.now());
  const line = new ProgressLine(process.stderr, () => performance.now());
  const timeLeft = new TimeLeft(() => performance.now());
  const catalogue = catalogueOptions(options.offline, downloads.download, signal);
  const saes: OpenedSae[] = [];
  for (const found of await findSaes(options.root, names, { hub: catalogue }))
    saes.push(await openFoundSae(backend, found));
  const model = options.model ?? placeOf(saes, "model", undefined);
  const hook = options.hook ?? placeOf(saes, "hook", undefined);
  const text = oneOrMore(options.text);
  const evaluation = await evaluateSaesInModel(backend, {
    model,
    hook,
    text,
    saes,
    catalogue,
    signal,
    textFormat: options.textFormat,
    textColumn: options.textColumn,
    context: options.context,
    maxTokens: options.maxTokens,
    passDimensions: options.passDimensions ?? 0,
    withOutliers: options.withOutliers === true,
    threads: backend.threads,
    onProgress: (done, total) => {
      downloads.clear();
      const left = timeLeft.update(done, total);
      line.update(() => `evaluating: ${done} of ${total} batches${left}`);
    },
  }).finally(() => {
    downloads.clear();
    line.clear();
  });
  const { versions, now } = processFacts();
  const results = [];
  for (const [i, one] of evaluation.saes.entries()) {
    const { sae, folder, architecture } = saes[i]!;
    const collinearity = async (rows: Float32Array) =>
      mean(await nearestWithin(backend, await dictionaryOf(backend, rows, sae.dSae, sae.dIn)));
    const facts: CoreFacts = {
      model,
      text,
      architecture,
      folder,
      context: evaluation.context,
      dIn: sae.dIn,
      dSae: sae.dSae,
      encoderCollinearity: await collinearity(sae.encoder),
      decoderCollinearity: await collinearity(sae.decoder),
      version: versions["concord"] ?? "unknown",
      now: now().getTime(),
    };
    results.push(coreJson(evaluation, one, facts));
  }
  if (options.out !== undefined) {
    await makeFolder(options.out);
    for (const result of results) {
      const name = result.sae_lens_id.replaceAll(/[^\w.=-]+/g, "_");
      const path = join(options.out, `${name}_eval_results.json`);
      await writeFileAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
    }
  }
  for (const notice of evaluation.notices) warn(notice);
  const { outliers } = evaluation.rows;
  if (outliers > 0)
    warn(
      options.withOutliers
        ? `${outliers} rows are longer than ten times the median, and were replaced as well.`
        : `${outliers} rows are longer than ten times the median (attention sinks, say): they stay as they are. --with-outliers replaces them too.`,
    );
  if (options.json) return void print(`${JSON.stringify(results)}\n`);
  print(`${resultTable(evaluation)}\n`);
  print(`${model}, ${hook}, ${evaluation.tokens} predicted tokens; CE and KL in nats\n`);
}
