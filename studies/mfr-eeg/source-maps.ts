/**
 * @file Whether a dictionary of simulated windows knows the sources that made them: maps of its
 *   latents against the lead field, next to the lead fields of other heads as the null.
 */

import type { SourceKind } from "../../src/domains/eeg/signal/simulated-eeg.ts";
import { simulateEeg } from "../../src/domains/eeg/signal/simulated-eeg.ts";
import { spatialMap } from "../../src/domains/eeg/signal/spatial-map.ts";
import { type Backend, loadSae, type StudyNumber, type StudyRun } from "../../src/index.ts";

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

/** Mean over sources of the largest cosine with any latent, or over latents with any source. */
export type SourceMapMeasure = "known" | "pure";

/**
 * Measures a run's members; latents that were never active on held-out windows have no part in it.
 *
 * @returns undefined for a run on anything but simulated windows.
 */
export async function sourceMaps(
  backend: Backend,
  run: StudyRun,
  headSeed: number,
  which: SourceMapMeasure,
): Promise<StudyNumber | undefined> {
  const layout = run.record.provenance?.["layout"] as Layout | undefined;
  if (!layout || run.evaluation.substitute === undefined) return undefined;
  const heads = [headSeed, ...OTHER_HEADS].map((seed) => headOf(seed, layout));
  const sums = heads.map(() => 0);
  for (const { name } of run.members) {
    const { decoder, dSae, dIn } = await loadSae(backend, run.folder.file("saes", name));
    const density = (await run.density(name))!;
    const alive = Array.from({ length: dSae }, (_, j) => j).filter((j) => density[j]! > 0);
    const { channels, samples } = layout;
    const latents = alive.map((j) => spatialMap(decoder, channels.length, samples, j * dIn));
    for (const [h, head] of heads.entries()) {
      const { ofSources, ofLatents } = best(latents, head);
      sums[h] = sums[h]! + mean(which === "known" ? ofSources : ofLatents) / run.members.length;
    }
  }
  const [value, ...others] = sums;
  return { value: value!, null: mean(others) };
}
