/** @file The wing of EEG: recordings, cut into windows of many channels. */

import { plural } from "../../figures/number-text.ts";
import { describePath, type SourceProvenance } from "../../sources/source-kind.ts";
import type { Domain } from "../domain.ts";
import { denoising } from "./analyses/denoising.ts";
import { windows } from "./analyses/windows.ts";
import { templateEvidence } from "./evidence/evidence.ts";
import { recordingTable } from "./figures/recording-table.ts";
import { DENOISING_METRICS, SIGNAL_METRICS } from "./metrics/eeg-metrics.ts";
import { type EegConfig, eegSource } from "./schema.ts";

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
  // Readers of recordings and filters are loaded when a source is opened, not with a config.
  open: async (source, context) => (await import("./source/from-config.ts")).open(source, context),
  facts: async (source, context, open) =>
    (await import("./source/from-config.ts")).facts(source, context, open),
  // Windows are disturbed as they are served.
  isMadeOnTheWay: ({ corrupt }) => corrupt !== undefined,
  describe,
  analyses: [denoising, windows],
  evidence: templateEvidence,
  metrics: [...DENOISING_METRICS, ...SIGNAL_METRICS],
  verbs: ["datasets", "edf", "denoise"],
  figures(provenance) {
    const markup = recordingTable(provenance);
    // What stands in the table need not stand beside it as JSON.
    return markup && { markup, keys: ["report"] };
  },
} as const satisfies Domain<EegConfig>;
