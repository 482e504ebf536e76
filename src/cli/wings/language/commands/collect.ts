/**
 * @file concord collect: a language model's activations at hooks, each into a store that every run
 *   can read.
 */

import { join } from "node:path";
import type { CollectedStore } from "../../../../domains/language/source/collect-options.ts";
import { collectStores } from "../../../../domains/language/source/collect-store.ts";
import { collectProgress } from "../../../../domains/language/source/from-config.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import type { ShardDType } from "../../../../sources/shards/shard-index.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { bytes, CollectLine, duration, short } from "../../../output.ts";
import { print, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";

interface Options {
  readonly model: string;
  readonly hook: readonly string[];
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly out: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly dtype: ShardDType;
  readonly mode: "packed" | "documents";
  readonly engine: "onnxruntime" | "native";
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
  const stores = hook.map((one) => ({
    hook: one,
    // Names of tensors in ONNX files may have slashes.
    folder: hook.length === 1 ? out : join(out, encodeURIComponent(one)),
  }));
  const all = await collectStores(stores, {
    model,
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
    engine: options.engine,
    forward: backend,
    catalogue: catalogueOptions(options.offline, line.download, signal),
    ...collectProgress(line.progress),
  }).finally(() => line.clear());
  const seconds = (performance.now() - start) / 1000;
  for (const notice of new Set(all.flatMap(({ notices }) => notices))) warn(notice);
  if (json) {
    const facts = all.map(({ folder, rows, dIn, bytes, written, notices }) => ({
      store: folder,
      rows,
      d_in: dIn,
      dtype,
      bytes,
      written,
      seconds,
      warnings: notices,
    }));
    return void print(`${JSON.stringify(facts.length === 1 ? facts[0] : facts)}\n`);
  }
  for (const store of all) print(`${storeLine(store, dtype, seconds)}\n`);
}

/** `acts: 1000 activations of d_in 288 (float16, 562 KiB); 1000 written in 3s, 333 tokens/s` */
function storeLine(
  { folder, rows, dIn, bytes: size, written }: CollectedStore,
  dtype: ShardDType,
  seconds: number,
): string {
  const what = `${folder}: ${rows} activations of d_in ${dIn} (${dtype}, ${bytes(size)})`;
  return written === 0
    ? `${what}; complete already`
    : `${what}; ${written} written in ${duration(seconds)}, ${short(written / seconds)} tokens/s`;
}
