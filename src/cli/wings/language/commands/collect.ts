/**
 * @file concord collect: a language model's activations at one hook, into a store that every run
 *   can read.
 */

import { collectStore } from "../../../../domains/language/source/collect-store.ts";
import { collectProgress } from "../../../../domains/language/source/from-config.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import type { ShardDType } from "../../../../sources/shards/shard-index.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { bytes, CollectLine, duration, short } from "../../../output.ts";
import { print, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";

interface Options {
  readonly model: string;
  readonly hook: string;
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly out: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly dtype: ShardDType;
  readonly mode: "packed" | "documents";
  readonly keepSpecial?: boolean;
  readonly keepSinks?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function collect(options: Options): Promise<void> {
  const { model, hook, out, context, maxTokens, dtype, mode, json } = options;
  const signal = interruptSignal();
  const { backend } = backendFor();
  const line = new CollectLine(process.stderr, () => performance.now());
  const start = performance.now();
  const store = await collectStore(out, {
    model,
    hook,
    text: oneOrMore(options.text),
    textFormat: options.textFormat,
    textColumn: options.textColumn,
    context,
    maxTokens,
    dtype,
    mode,
    signal,
    skipSpecial: options.keepSpecial !== true,
    skipSinks: options.keepSinks !== true,
    threads: backend.threads,
    kernels: backend,
    catalogue: catalogueOptions(options.offline, line.download, signal),
    ...collectProgress(line.progress),
  }).finally(() => line.clear());
  const seconds = (performance.now() - start) / 1000;
  const { rows, dIn, written } = store;
  for (const notice of store.notices) warn(`${notice}`);
  if (json) {
    const facts = {
      store: out,
      rows,
      d_in: dIn,
      dtype,
      bytes: store.bytes,
      written,
      seconds,
      warnings: store.notices,
    };
    return void print(`${JSON.stringify(facts)}\n`);
  }
  const what = `${out}: ${rows} activations of d_in ${dIn} (${dtype}, ${bytes(store.bytes)})`;
  const how =
    written === 0
      ? "complete already"
      : `${written} written in ${duration(seconds)}, ${short(written / seconds)} tokens/s`;
  print(`${what}; ${how}\n`);
}
