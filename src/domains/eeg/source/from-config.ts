/** @file From the `source` of a config to windows of EEG, or to what a plan knows of them. */

import { storeThere } from "../../../sources/shards/cached-store.ts";
import type { Source } from "../../../sources/source.ts";
import {
  factsOf,
  type PlanSourceContext,
  type SourceContext,
  type SourcePlan,
} from "../../../sources/source-kind.ts";
import type { EegConfig } from "../schema.ts";
import { type OpenEegOptions, openEeg, placeEeg } from "./open-eeg.ts";
import { planEegStore } from "./plan-eeg-store.ts";

function openOptions({ backend, onProgress, ...context }: SourceContext): OpenEegOptions {
  return {
    ...context,
    kernels: backend,
    onRecording: ({ what, done, total }) =>
      onProgress?.({ what: `EEG recordings, ${what}`, done, total }),
  };
}

/**
 * What a plan knows of the source. Of windows that are not in the cache yet, one recording's are
 * made and timed.
 */
export async function facts(
  source: EegConfig,
  context: PlanSourceContext,
  open: () => Promise<Source>,
): Promise<SourcePlan> {
  const placed = await placeEeg(source, openOptions(context));
  const { folder } = placed;
  const store = folder === undefined ? undefined : await storeThere(folder);
  if (folder !== undefined && !store) {
    const planned = await planEegStore(source, placed, context.clock);
    const { bytes } = planned.collect;
    return { ...planned, source: undefined, store: { folder, bytes, isThere: false } };
  }
  const opened = await open();
  return { facts: factsOf(opened), source: opened, collect: undefined, store };
}

/** Opens the source. @throws {ConcordError} as `openEeg`. */
export function open(source: EegConfig, context: SourceContext): Promise<Source> {
  return openEeg(source, openOptions(context));
}
