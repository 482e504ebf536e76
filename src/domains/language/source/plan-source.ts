/**
 * @file What a plan needs to know of a language model's activations, without collecting a single
 *   one. A model whose activations are not in the cache yet is run on a few windows.
 */

import { given } from "../../../base/given.ts";
import { sum } from "../../../base/statistics/mean.ts";
import { drawnRows } from "../../../sources/rows/draw.ts";
import { heldOutCount } from "../../../sources/rows/stored-rows.ts";
import { DEFAULT_BLOCK_BYTES } from "../../../sources/rows/train-stream.ts";
import { emptyIndex } from "../../../sources/shards/begin-store.ts";
import { storeThere } from "../../../sources/shards/cached-store.ts";
import { shardRowBytes } from "../../../sources/shards/shard-index.ts";
import { requireStoreBuffer } from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import { factsOf, type PlanSourceContext, type SourcePlan } from "../../../sources/source-kind.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import { describingBytes } from "../evidence/describing-bytes.ts";
import { contextOf, type NamedModel, openModelByName } from "../models/open-by-name.ts";
import type { LanguageModelConfig } from "../schema.ts";
import { textDocuments } from "../text/pack-text.ts";
import { countRows, packDocuments } from "../text/packing.ts";
import { showText } from "../text/text-notices.ts";
import { findSinks, sinkNotices, sinkProvenance } from "./attention-sinks.ts";
import { collectHooks } from "./collect.ts";
import type { HookStore } from "./collect-options.ts";
import { engineBackend } from "./collect-store.ts";
import { collectOptions, passStores, serving } from "./from-config.ts";

/** Text that is tokenised to learn how many tokens a byte gives. */
const SAMPLE_CHARACTERS = 2 ** 18;

/** Runs of the model that are timed, after one that warms it up. */
const SAMPLE_RUNS = 3;

/**
 * Facts of the source. Nothing is downloaded and nothing written.
 *
 * @param open Opens the source once its store is there.
 * @throws {ConcordError} `file/missing` naming a model or text that is not on this machine.
 */
export async function planLanguageModel(
  source: LanguageModelConfig,
  context: PlanSourceContext,
  open: () => Promise<Source>,
): Promise<SourcePlan> {
  const { own, all } = await passStores(source, context);
  const store = await storeThere(own.folder);
  if (!store) {
    const planned = await collectPlan(source, all, context);
    const bytes = planned.collect?.bytes ?? 0;
    return { ...planned, store: { folder: own.folder, bytes, isThere: false } };
  }
  const opened = await open();
  return { facts: factsOf(opened), source: opened, collect: undefined, store };
}

async function collectPlan(
  config: LanguageModelConfig,
  all: readonly HookStore[],
  options: PlanSourceContext,
): Promise<Omit<SourcePlan, "store">> {
  const { dtype, hook, skipSpecial, skipSinks = true } = collectOptions(config, options);
  const hooks = all.map((one) => one.hook);
  const before = options.residentMemory();
  const { model: name, text } = collectOptions(config, options);
  const opened = await openModelByName(name, {
    catalogue: options.catalogue,
    threads: options.backend.threads,
    forward: engineBackend(collectOptions(config, options)),
  });
  try {
    const dIn = await opened.model.width(hook);
    // Of the stores that are not there yet.
    let width = dIn;
    for (const { hook: one, folder } of all)
      if (one !== hook && !(await storeThere(folder))) width += await opened.model.width(one);
    const sample = await sampleText(opened, config, options);
    const found =
      sample.packed.windows === 0 ? [] : await findSinks(opened.model, hooks, sample.packed);
    const sinks = found[hooks.indexOf(hook)];
    const skippedPositions = new Set(skipSinks ? sinks?.positions : []);
    const packed = { ...sample.packed, skippedPositions };
    const together = [hook, ...hooks.filter((one) => one !== hook)];
    const speed = await timeCollection(opened, together, packed, skipSpecial, options.clock);
    const rows = Math.max(2, Math.round(sample.tokens * speed.rowsPerToken));
    const bytes = rows * shardRowBytes({ dtype, dIn });
    const bytesMissing = rows * shardRowBytes({ dtype, dIn: width });
    const store = { folder: "", dIn, dtype, provenance: { kind: config.kind } };
    if (dIn > 0) requireStoreBuffer(emptyIndex(store), rows, serving(config));
    const heldOutRows = heldOutCount(
      rows,
      given({ heldOutFraction: config.heldOutFraction, heldOutRows: config.heldOutRows }),
      showText(text),
    );
    const trainRows = drawnRows(rows - heldOutRows, config.draw).count;
    const whole = (trainRows * (bytes + 4 * rows)) / rows + 2 * DEFAULT_BLOCK_BYTES;
    return {
      facts: {
        dIn,
        rowsPerPass: trainRows,
        heldOutRows,
        trueFeatures: 0,
        memoryBytes: Math.min(config.bufferBytes, whole),
        describingBytes: describingBytes(opened.model.facts, hook),
      },
      source: undefined,
      collect: {
        rows,
        bytes: bytesMissing,
        seconds: rows / speed.rowsPerSecond,
        // Tokens and the documents they came from are held as long as the collection lasts.
        memoryBytes: Math.max(0, options.residentMemory() - before) + 8 * sample.tokens,
        notices: sinks ? sinkNotices(sinkProvenance(sinks, skipSinks)) : [],
      },
    };
  } finally {
    await opened.model.close();
  }
}

/** The first windows of a text, and how many tokens the whole of it will give. */
async function sampleText(
  { model, tokenizer }: NamedModel,
  config: LanguageModelConfig,
  options: PlanSourceContext,
) {
  const { text, textFormat, textColumn } = collectOptions(config, options);
  const files = await resolveText(text, options.catalogue);
  const documents: Int32Array[] = [];
  let [read, all] = [0, 0];
  for await (const document of textDocuments(files, { textFormat, textColumn })) {
    all += document.length;
    if (read > SAMPLE_CHARACTERS) continue;
    // A book is one document.
    const part = document.slice(0, SAMPLE_CHARACTERS);
    read += part.length;
    documents.push(tokenizer.encode(part));
  }
  const packed = await packDocuments(documents, {
    contextLength: contextOf(model, config.context),
    separatorId: tokenizer.separatorId,
    around: tokenizer.around,
    specialIds: tokenizer.specialIds,
    mode: config.mode,
    remainder: "keep" as const,
  });
  const tokens = sum(packed.lengths);
  const estimate = read === 0 ? 0 : Math.round((tokens * all) / read);
  return { packed, tokens: Math.min(config.maxTokens ?? Number.POSITIVE_INFINITY, estimate) };
}

async function timeCollection(
  { model }: NamedModel,
  hooks: readonly string[],
  packed: Awaited<ReturnType<typeof packDocuments>>,
  skipSpecial: boolean,
  clock: () => number,
): Promise<{ rowsPerSecond: number; rowsPerToken: number }> {
  let rows = 0;
  let start = clock();
  let seconds = 0;
  let run = 0;
  const places = hooks.map((hook) => ({ hook, packed }));
  for await (const [part] of collectHooks(model, places, { skipSpecial })) {
    const count = part!.tokens.length;
    const now = clock();
    // The first run is the only one when the text is short.
    if (run === 1) [rows, seconds] = [0, 0];
    rows += count;
    seconds += (now - start) / 1000;
    start = now;
    if (run++ === SAMPLE_RUNS) break;
  }
  const tokens = sum(packed.lengths);
  return {
    rowsPerSecond: rows / Math.max(seconds, 1e-9),
    rowsPerToken: countRows(packed, skipSpecial) / Math.max(1, tokens),
  };
}
