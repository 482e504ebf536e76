/** @file Activations of a whole packed corpus at hooks, batch by batch, in a fixed order. */

import { ConcordError, expected } from "../../../errors.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { countRows, isKept, type PackedTokens, windowBatch } from "../text/packing.ts";

/** Which rows of a packed corpus, and in what portions. */
export interface CollectOptions {
  /**
   * Windows in one run of the model; about 1024 tokens' worth when left out, which is fastest on
   * the CPU.
   */
  readonly batch?: number;
  /**
   * Leave out the rows of special tokens, whose activations are unlike all others; true when left
   * out.
   */
  readonly skipSpecial?: boolean;
  /** First window to run; a collection broken off after window n goes on with n. */
  readonly firstWindow?: number;
  /** Stops with an `interrupted` error before the next batch. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: { readonly windows: number; readonly rows: number }) => void;
}

/** Rows of some consecutive windows. */
export interface CollectedRows {
  /** [rows, width], in the order of windows and positions. */
  readonly rows: Float32Array;
  /** Token id of each row. */
  readonly tokens: Int32Array;
  /** Where each row's token stands in the packed tokens: window · contextLength + position. */
  readonly positions: Int32Array;
  /** Index of the first row in the whole collection, whatever `firstWindow` was. */
  readonly firstRow: number;
  /**
   * The window after the last one of these: where a collection broken off after these rows goes on.
   */
  readonly nextWindow: number;
}

/**
 * Tokens per model run that were fastest on two CPU cores: larger batches fall out of the cache.
 */
const TOKENS_PER_RUN = 1024;

/**
 * Windows in one run of the model when the caller does not say.
 *
 * @param atOnce Windows that the model computes at the same time, each on a thread of its own.
 */
export function defaultBatch(contextLength: number, atOnce = 1): number {
  return atOnce * Math.max(1, Math.floor(TOKENS_PER_RUN / contextLength));
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new ConcordError("interrupted", "Collecting activations was interrupted.");
}

/** A hook, and the tokens that it gives rows of: those of a pass, with positions to leave out. */
export interface HookRows {
  readonly hook: string;
  readonly packed: PackedTokens;
}

/** The rows of a batch of windows, without those that are left out. */
function keptRows(
  all: Float32Array,
  packed: PackedTokens,
  {
    from,
    nextWindow,
    skipSpecial,
  }: Readonly<{ from: number; nextWindow: number; skipSpecial: boolean }>,
): Omit<CollectedRows, "firstRow"> {
  const window = windowBatch(packed, from, nextWindow);
  const width = all.length / window.ids.length;
  const count = countRows(packed, skipSpecial, from, nextWindow);
  const rows = count === window.ids.length ? all : new Float32Array(count * width);
  const tokens = new Int32Array(count);
  const positions = new Int32Array(count);
  let row = 0;
  for (let i = 0; i < window.ids.length; i++) {
    const position = i % window.positions;
    const at = (i - position) / window.positions;
    const id = window.ids[i]!;
    if (position >= window.lengths![at]! || !isKept(packed, { id, position }, skipSpecial))
      continue;
    if (rows !== all) rows.set(all.subarray(i * width, (i + 1) * width), row * width);
    tokens[row] = id;
    positions[row++] = (from + at) * packed.contextLength + position;
  }
  return { rows, tokens, positions, nextWindow };
}

/**
 * Runs the model up to the last of some hooks over all windows. Yields the rows of real tokens at
 * each, in the order of `hooks`. All `packed` are of the same windows.
 *
 * The order is that of the tokens. The rows do not depend on `firstWindow`, and on `batch` and the
 * other hooks only in their last bits.
 *
 * @throws {ConcordError} `hook/missing`, `interrupted`, or `argument/invalid` for a window number
 *   out of range.
 */
export async function* collectHooks(
  model: LanguageModel,
  hooks: readonly HookRows[],
  options: CollectOptions = {},
): AsyncGenerator<readonly CollectedRows[]> {
  const { windows, contextLength } = hooks[0]!.packed;
  const { firstWindow = 0, skipSpecial = true, signal } = options;
  const { batch = defaultBatch(contextLength, model.windowsAtOnce) } = options;
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw expected("batch", "a positive integer", batch);
  if (!Number.isSafeInteger(firstWindow) || firstWindow < 0 || firstWindow > windows)
    throw expected("firstWindow", `an integer from 0 to ${windows}`, firstWindow);
  const firstRows = hooks.map(({ packed }) => countRows(packed, skipSpecial, 0, firstWindow));
  for (let from = firstWindow; from < windows; from += batch) {
    checkSignal(signal);
    const nextWindow = Math.min(windows, from + batch);
    const all = await model.activationsAt(
      hooks.map(({ hook }) => hook),
      windowBatch(hooks[0]!.packed, from, nextWindow),
    );
    const kept = hooks.map(({ packed }, i) => ({
      ...keptRows(all[i]!, packed, { from, nextWindow, skipSpecial }),
      firstRow: firstRows[i]!,
    }));
    yield kept;
    for (const [i, { tokens }] of kept.entries()) firstRows[i]! += tokens.length;
    options.onProgress?.({ windows: nextWindow, rows: firstRows[0]! });
  }
}

/** The same at one hook. @throws {ConcordError} as `collectHooks`. */
export async function* collectActivations(
  model: LanguageModel,
  hook: string,
  packed: PackedTokens,
  options: CollectOptions = {},
): AsyncGenerator<CollectedRows> {
  for await (const [rows] of collectHooks(model, [{ hook, packed }], options)) yield rows!;
}
