/** @file What probes read of held-out rows: the codes of members, and activations themselves. */

import type { Backend } from "../../backend/backend.ts";
import type { AnalysedMember, AnalysisContext } from "../../domains/analysis.ts";
import { EVALUATION_BATCH, requireFinite } from "../../evaluate/evaluate-saes.ts";
import type { Codes, FeatureMatrix } from "../../evaluate/probes/features.ts";
import { openSaeRunner, type Sae } from "../../sae/sae.ts";
import { mostActive, withActive } from "../../sae/selection.ts";

/** Held-out rows from the first on. */
export async function readRows(
  { backend, source, pause }: Pick<AnalysisContext, "backend" | "source" | "pause">,
  rows: number,
): Promise<FeatureMatrix> {
  const { dIn, heldOut } = source;
  const values = backend.float32(rows * dIn);
  const batch = Math.min(EVALUATION_BATCH, rows);
  const targets = heldOut.hasTargets ? backend.float32(batch * dIn) : undefined;
  for (let start = 0; start < rows; start += batch) {
    const x = values.subarray(start * dIn, Math.min(rows, start + batch) * dIn);
    await heldOut.read(start, x, targets?.subarray(0, x.length));
    await requireFinite(backend, x, x.length / dIn, dIn, start);
    await pause();
  }
  return { rows, columns: dIn, values };
}

/** The codes of rows, zeros left out. */
export async function codesOf(
  backend: Backend,
  sae: Sae,
  { rows, values: x }: FeatureMatrix,
  pause: () => Promise<void>,
): Promise<Codes> {
  const { dIn, dSae } = sae;
  const batch = Math.min(EVALUATION_BATCH, rows);
  const runner = await openSaeRunner(backend, sae, batch);
  const indptr = new Int32Array(rows + 1);
  const [indices, values]: [Int32Array[], Float32Array[]] = [[], []];
  let nnz = 0;
  for (let start = 0; start < rows; start += batch) {
    const count = Math.min(batch, rows - start);
    const code = await runner.encode(x.subarray(start * dIn, (start + count) * dIn), count);
    const own = new Int32Array(code.indptr[count]!);
    const numbers = new Float32Array(own.length);
    let kept = 0;
    for (let b = 0; b < count; b++) {
      for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++) {
        if (code.values[e] === 0) continue;
        own[kept] = code.indices[e]!;
        numbers[kept++] = code.values[e]!;
      }
      indptr[start + b + 1] = nnz + kept;
    }
    nnz += kept;
    indices.push(own.slice(0, kept));
    values.push(numbers.slice(0, kept));
    await pause();
  }
  return {
    rows,
    columns: dSae,
    indptr,
    indices: joined(new Int32Array(nnz), indices),
    values: joined(new Float32Array(nnz), values),
  };
}

/** Puts parts one after another into `all`. */
function joined<T extends Int32Array | Float32Array>(all: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What probes need to know of a member. */
export type ProbedMember = Pick<
  AnalysedMember,
  "name" | "architecture" | "seed" | "coupled" | "setting" | "sae"
>;

/** What probes work on. */
export interface ProbingContext
  extends Pick<
    AnalysisContext,
    "backend" | "source" | "seed" | "pause" | "phaseDone" | "onLooked"
  > {
  readonly members: readonly ProbedMember[];
}

/** A member with the k that it encodes with. */
export interface Encoder {
  readonly member: ProbedMember;
  readonly sae: Sae;
  /** Undefined where the number of active latents is not fixed. */
  readonly k: number | undefined;
}

/** Members as they are, or with each of some other k where they select the k largest. */
export function encoders(members: readonly ProbedMember[], topK: readonly number[]): Encoder[] {
  return members.flatMap((member): Encoder[] => {
    const { sae } = member;
    const own = mostActive(sae.selection);
    if (own === undefined || sae.ownEncoder) return [{ member, sae, k: undefined }];
    const wanted = topK.length > 0 ? topK.filter((k) => k <= sae.dSae) : [own];
    return wanted.map((k) => ({ member, k, sae: withActive(sae, k)! }));
  });
}
