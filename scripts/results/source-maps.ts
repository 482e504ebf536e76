/**
 * @file Whether a dictionary of simulated windows knows the sources that made them: maps of its
 *   latents against the lead field, next to the lead fields of other heads as the null.
 */

import type { Backend } from "../../src/backend/backend.ts";
import type { SourceKind } from "../../src/domains/eeg/signal/simulated-eeg.ts";
import { simulateEeg } from "../../src/domains/eeg/signal/simulated-eeg.ts";
import { spatialMap } from "../../src/domains/eeg/signal/spatial-map.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import type { ArmRun } from "./arm-runs.ts";
import { coupledNames, type Measure } from "./measures.ts";

/** What windows of the run are like; as its provenance says it. */
interface Layout {
  readonly channels: readonly string[];
  readonly rate: number;
  readonly samples: number;
}

/** Heads that the null is taken over, by their seeds. */
const OTHER_HEADS = [901, 902, 903, 904, 905];

interface Head {
  readonly kinds: readonly SourceKind[];
  /** Unit length, one a source: [sources][channels]. */
  readonly maps: readonly Float64Array[];
}

/**
 * The maps that sources have in the windows: columns of the lead field less their mean over
 * electrodes, each electrode divided by its standard deviation over all sources and the sensor's
 * noise of 1 µV, as the z-score divides it.
 */
function headOf(headSeed: number, { channels, rate }: Layout): Head {
  const { leadField, sources } = simulateEeg({
    seed: 0,
    headSeed,
    seconds: 1,
    rate,
    channels,
  });
  const n = sources.length;
  const columns = sources.map((_, s) => {
    const column = Float64Array.from(channels, (_, c) => leadField[c * n + s]!);
    const mean = column.reduce((sum, v) => sum + v / channels.length, 0);
    return column.map((v) => v - mean);
  });
  const std = channels.map((_, c) => Math.hypot(1, ...columns.map((column) => column[c]!)));
  const maps = columns.map((column) => {
    const scaled = column.map((v, c) => v / std[c]!);
    const norm = Math.hypot(...scaled);
    return scaled.map((v) => v / norm);
  });
  return { kinds: sources.map((s) => s.kind), maps };
}

const cosine = (a: Float64Array, b: Float64Array) =>
  Math.abs(a.reduce((sum, v, c) => sum + v * b[c]!, 0));

/** Of one set of sources: best cosine per source, and per latent. */
function best(latents: readonly Float64Array[], { maps }: Head) {
  const all = latents.map((latent) => maps.map((map) => cosine(latent, map)));
  return {
    ofSources: maps.map((_, s) => Math.max(...all.map((row) => row[s]!))),
    ofLatents: all.map((row) => Math.max(...row)),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);

export interface SourceMaps {
  /** Mean over sources of the largest cosine with any latent's map. */
  readonly known: Measure;
  /** Mean over latents of the largest cosine of their map with any source's. */
  readonly pure: Measure;
}

/**
 * Measures every run's coupled members; latents that were never active on held-out windows have no
 * part in it.
 */
export async function sourceMaps(
  backend: Backend,
  runs: readonly ArmRun[],
  headSeed: number,
): Promise<SourceMaps> {
  const found = new Map<string, { known: number[]; pure: number[] }>();
  for (const { data, folder } of runs) {
    const layout = data.record.provenance!["layout"] as Layout;
    const heads = [headSeed, ...OTHER_HEADS].map((seed) => headOf(seed, layout));
    const sums = { known: heads.map(() => 0), pure: heads.map(() => 0) };
    const names = coupledNames(data);
    for (const name of names) {
      const { decoder, dSae, dIn } = await loadSae(backend, folder.file("saes", name));
      const { density } = data.latents.get(name)!;
      const alive = Array.from({ length: dSae }, (_, j) => j).filter((j) => density![j]! > 0);
      const { channels, samples } = layout;
      const latents = alive.map((j) => spatialMap(decoder, channels.length, samples, j * dIn));
      for (const [h, head] of heads.entries()) {
        const { ofSources, ofLatents } = best(latents, head);
        sums.known[h] = sums.known[h]! + mean(ofSources) / names.length;
        sums.pure[h] = sums.pure[h]! + mean(ofLatents) / names.length;
      }
    }
    found.set(folder.path, sums);
  }
  const measure = (label: string, key: "known" | "pure"): Measure => ({
    label,
    of: ({ folder }) => {
      const [value, ...others] = found.get(folder.path)?.[key] ?? [];
      return value === undefined ? undefined : { value, null: mean(others) };
    },
  });
  return {
    known: measure("sources known", "known"),
    pure: measure("latents like a source", "pure"),
  };
}
