/** @file Starts the fused step's SAE from centroids of training rows (`weight_init: k_means`). */

import type { Backend } from "../../backend/backend.ts";
import { type CentroidSettings, centroidsOf } from "../init/centroids.ts";
import { geometricMedian, meanOfRows } from "../init/geometric-median.ts";
import { beginFrom, type Member } from "./member.ts";
import { decoderParameter } from "./parameters.ts";

/**
 * Sets atoms, and an encoder of its own, to the directions of centroids of rows, as many as there
 * are latents. Where b_dec starts as a centre of rows, that of these rows is subtracted first.
 *
 * @param rows [rows, d_in]
 * @param how  Which centroids, the member's seed, and what others found in the same rows.
 * @throws {ConcordError} "argument/invalid" for fewer (different) rows than latents.
 */
export async function startOnCentroids(
  backend: Backend,
  member: Member,
  rows: Float32Array,
  how: {
    readonly settings: CentroidSettings;
    readonly memberSeed: number;
    readonly found: Map<string, object>;
  },
): Promise<void> {
  const { parameters: p, spec } = member;
  const { dIn: d, dSae: count } = p;
  const centre = await centreOf(backend, member, rows);
  const request = { x: rows, d, count, centre, ...how };
  const parameter = decoderParameter(p);
  parameter.set(await centroidsOf(backend, request));
  if (spec.nonNegative === true)
    for (let i = 0; i < parameter.length; i++) parameter[i] = Math.abs(parameter[i]!);
  await backend.normalizeRows({ rows: parameter, unit: parameter, count, columns: d });
  if (p.encoder && p.encoder.parameter !== parameter) p.encoder.parameter.set(parameter);
  await beginFrom(backend, member);
}

/** What b_dec would start as on these rows. */
async function centreOf(
  backend: Backend,
  { spec: { decoderBias }, parameters: { dIn } }: Member,
  rows: Float32Array,
): Promise<Float32Array | undefined> {
  if (decoderBias === undefined || decoderBias === "zero") return undefined;
  if (typeof decoderBias === "number") return new Float32Array(dIn).fill(decoderBias);
  const centre = decoderBias === "mean" ? meanOfRows : geometricMedian;
  return centre(backend, rows, rows.length / dIn, dIn);
}
