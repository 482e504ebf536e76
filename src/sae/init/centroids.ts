/** @file Centroids of training rows, for SAEs whose atoms start from them. */

import { z } from "zod";
import type { Backend } from "../../backend/backend.ts";
import { kMeans, kMeansBytes } from "../../linalg/k-means/k-means.ts";
import { option } from "../options.ts";

/** Options of architectures that can start from centroids. */
export const CENTROID_OPTIONS = {
  centroidRows: option(
    z.int().min(1),
    "First training rows that k-means finds centroids of; one pass at most",
  ),
  centroidSeed: option(
    z.union([z.literal("member"), z.int().min(0)]),
    "What k-means starts from: each member's own seed, or one seed for all members",
  ),
};

/** What they are when a person gives nothing. */
export const CENTROID_DEFAULTS = { centroidRows: 32_768, centroidSeed: "member" } as const;

/** Which centroids. */
export interface CentroidSettings {
  readonly rows: number;
  /** Undefined: that of the member. */
  readonly seed: number | undefined;
}

/** The settings of values of `CENTROID_OPTIONS`. */
export function centroidSettings(
  options: {
    readonly [K in keyof typeof CENTROID_OPTIONS]?: unknown;
  },
): CentroidSettings {
  const { centroidRows, centroidSeed } = options;
  const seed = typeof centroidSeed === "number" ? centroidSeed : undefined;
  return { rows: Number(centroidRows), seed };
}

/** Rows to find centroids of, and how many. */
export interface CentroidRequest {
  /** [rows, d] */
  readonly x: Float32Array;
  readonly d: number;
  readonly count: number;
  readonly settings: CentroidSettings;
  /** Of the member. */
  readonly memberSeed: number;
  /** Subtracted from the rows first, [d]; undefined: nothing. */
  readonly centre?: Float32Array | undefined;
  /** See `Trainable.startOn`. */
  readonly found: Map<string, object>;
}

/**
 * Centroids of rows by k-means, [count, d]. Those of one seed are found once.
 *
 * @throws {ConcordError} "argument/invalid" for fewer (different) rows than centroids.
 */
export async function centroidsOf(
  backend: Backend,
  { x: rows, d, count, settings, memberSeed, centre, found }: CentroidRequest,
): Promise<Float32Array> {
  const seed = settings.seed ?? memberSeed;
  const key = `centroids ${rows.length} ${count} ${seed} ${centre?.join(" ") ?? ""}`;
  const known = found.get(key);
  if (known) return known as Float32Array;
  const x = centre ? rows.map((v, at) => v - centre[at % d]!) : rows;
  const { centres } = await kMeans(backend, { x, d, count, seed });
  found.set(key, centres);
  return centres;
}

/** Bytes that `centroidsOf` takes for a moment, its rows included. */
export function centroidBytes(
  backend: Backend,
  { rows, d, count }: { readonly rows: number; readonly d: number; readonly count: number },
): number {
  return 8 * rows * d + kMeansBytes(backend, { rows, d, count });
}
