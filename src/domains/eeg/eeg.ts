/** @file The wing of EEG: recordings, cut into windows of many channels. */

import { plural } from "../../figures/number-text.ts";
import { storeThere } from "../../sources/shards/cached-store.ts";
import type { Source } from "../../sources/source.ts";
import {
  describePath,
  factsOf,
  type PlanSourceContext,
  type SourceContext,
  type SourcePlan,
  type SourceProvenance,
} from "../../sources/source-kind.ts";
import type { Domain } from "../domain.ts";
import { denoising } from "./analyses/denoising.ts";
import { windows } from "./analyses/windows.ts";
import { recordingTable } from "./figures/recording-table.ts";
import { DENOISING_METRICS, SIGNAL_METRICS } from "./metrics/eeg-metrics.ts";
import { type EegConfig, eegSource } from "./schema.ts";
import { type OpenEegOptions, openEeg, placeEeg } from "./source/open-eeg.ts";
import { planEegStore } from "./source/plan-eeg-store.ts";

function openOptions({ backend, onProgress, ...context }: SourceContext): OpenEegOptions {
  return {
    ...context,
    kernels: backend,
    onRecording: ({ what, done, total }) =>
      onProgress?.({ what: `EEG recordings, ${what}`, done, total }),
  };
}

/** Of windows that are not in the cache yet, one recording's are made and timed. */
async function facts(
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

/** `EEG windows of 19 channels from 8 simulated recordings` */
function describe(provenance: SourceProvenance): string {
  const { channels } = (provenance["layout"] ?? {}) as { channels?: unknown };
  const { used } = (provenance["report"] ?? {}) as { used?: unknown };
  if (!Array.isArray(channels)) return describePath(provenance);
  const recording = provenance["simulated"] === true ? "simulated recording" : "recording";
  const from = Array.isArray(used) ? ` from ${plural(used.length, recording)}` : "";
  return `EEG windows of ${plural(channels.length, "channel")}${from}`;
}

export const eeg = {
  kind: "eeg",
  schema: eegSource,
  listKeys: [
    "paths",
    "channels",
    "held_out",
    "simulated.channels",
    "corrupt.kinds",
    "corrupt.snr_db",
  ],
  unit: "windows",
  open: (source, context) => openEeg(source, openOptions(context)),
  facts,
  // Windows are disturbed as they are served.
  isMadeOnTheWay: ({ corrupt }) => corrupt !== undefined,
  describe,
  analyses: [denoising, windows],
  metrics: [...DENOISING_METRICS, ...SIGNAL_METRICS],
  verbs: ["datasets", "edf", "denoise"],
  figures(provenance) {
    const markup = recordingTable(provenance);
    // What stands in the table need not stand beside it as JSON.
    return markup && { markup, keys: ["report"] };
  },
} as const satisfies Domain<EegConfig>;
