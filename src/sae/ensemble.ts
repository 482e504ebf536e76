/**
 * @file Ensembles of SAEs. The reconstruction of a bag is the mean of its members'. In a boosted
 *   chain each member encodes what the former ones leave. Either one is a concatenated dictionary
 *   with weighted coefficients (Gadgil, Lin and Lee 2026, arXiv:2505.16077).
 */

import type { Backend } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import { type EncodedBatch, openSaeRunner, type Sae, type SaeRunner } from "./sae.ts";

/** The kinds of ensembles: `bag` averages reconstructions, `boost` adds them up. */
export type EnsembleKind = "bag" | "boost";

/** An SAE of an ensemble. */
export interface EnsembleMember {
  readonly sae: Sae;
  /** What its coefficients are multiplied by: 1 / J in a bag of J, 1 in a boosted chain. */
  readonly weight: number;
}

/** SAEs that encode and decode together; made by `bagOf` or `boostOf`. */
export interface Ensemble {
  readonly kind: EnsembleKind;
  readonly dIn: number;
  /** Latents of all members: those of the first come first. */
  readonly dSae: number;
  readonly members: readonly EnsembleMember[];
}

/** What encodes and decodes rows: an SAE, or an ensemble of some. */
export type Coder = Sae | Ensemble;

/** Whether a coder is an ensemble. */
function isEnsemble(coder: Coder): coder is Ensemble {
  return "members" in coder;
}

function ensembleOf(kind: EnsembleKind, saes: readonly Sae[], weight: number): Ensemble {
  const [first] = saes;
  if (!first)
    throw new ConcordError("argument/invalid", "Expected at least one SAE but found none.", {
      hint: "Name a run, or folders of SAEs.",
    });
  const { dIn } = first;
  const other = saes.findIndex((sae) => sae.dIn !== dIn);
  if (other >= 0)
    throw new ConcordError(
      "argument/invalid",
      `Expected SAEs of one d_in but SAE 0 has ${dIn} and SAE ${other} has ${saes[other]!.dIn}.`,
      { hint: "SAEs of different widths read different activations: an ensemble needs one." },
    );
  const dSae = saes.reduce((sum, sae) => sum + sae.dSae, 0);
  return { kind, dIn, dSae, members: saes.map((sae) => ({ sae, weight })) };
}

/**
 * A bag of J SAEs: x̂ = Σ_j x̂_j / J, each member encoding the row itself.
 *
 * @throws {ConcordError} `argument/invalid` without an SAE, and for SAEs of different d_in.
 */
export function bagOf(saes: readonly Sae[]): Ensemble {
  return ensembleOf("bag", saes, 1 / saes.length);
}

/**
 * A boosted chain: x̂ = Σ_j x̂_j, member j encoding x − Σ_{i<j} x̂_i.
 *
 * @throws {ConcordError} `argument/invalid` without an SAE, and for SAEs of different d_in.
 */
export function boostOf(saes: readonly Sae[]): Ensemble {
  return ensembleOf("boost", saes, 1);
}

/** The atoms of a coder, [d_sae, d_in]; of an ensemble those of all members, in their order. */
export function decoderOf(backend: Backend, coder: Coder): Float32Array {
  if (!isEnsemble(coder)) return coder.decoder;
  const atoms = backend.float32(coder.dSae * coder.dIn);
  let at = 0;
  for (const { sae } of coder.members) {
    atoms.set(sae.decoder, at);
    at += sae.decoder.length;
  }
  return atoms;
}

/** The codes of all members as one, coefficients weighted. */
function concatenated(members: readonly EnsembleMember[], codes: readonly EncodedBatch[]) {
  const { rows } = codes[0]!;
  const indptr = new Int32Array(rows + 1);
  for (let b = 1; b <= rows; b++) for (const code of codes) indptr[b]! += code.indptr[b]!;
  const indices = new Int32Array(indptr[rows]!);
  const values = new Float32Array(indptr[rows]!);
  let at = 0;
  for (let b = 0; b < rows; b++) {
    let first = 0;
    for (const [j, code] of codes.entries()) {
      const { sae, weight } = members[j]!;
      for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++, at++) {
        indices[at] = first + code.indices[e]!;
        values[at] = weight * code.values[e]!;
      }
      first += sae.dSae;
    }
  }
  return { rows, indptr, indices, values };
}

async function openEnsembleRunner(
  backend: Backend,
  { kind, dIn, members }: Ensemble,
  batch: number,
): Promise<SaeRunner> {
  const runners: SaeRunner[] = [];
  for (const { sae } of members) runners.push(await openSaeRunner(backend, sae, batch));
  const left = backend.float32(batch * dIn);
  const total = backend.float32(kind === "bag" ? batch * dIn : 0);
  const rowLoss = backend.float32(kind === "bag" ? batch : 0);
  let codes: EncodedBatch[] = [];

  /** What member j leaves of rows, or of their targets, given its code; in `left`. */
  const leave = async (j: number, rows: Float32Array): Promise<Float32Array> => {
    const { residual } = await runners[j]!.residual(rows, codes[j]!);
    const rest = left.subarray(0, rows.length);
    for (let i = 0; i < rest.length; i++) rest[i] = 0 - residual[i]!;
    return rest;
  };

  return {
    async encode(x, rows) {
      codes = [];
      let input = x.subarray(0, rows * dIn);
      for (const [j, runner] of runners.entries()) {
        codes.push(await runner.encode(input, rows));
        if (kind === "boost" && j < runners.length - 1) input = await leave(j, input);
      }
      return concatenated(members, codes);
    },
    async residual(target, { rows }) {
      let rest = target.subarray(0, rows * dIn);
      const last = runners.length - 1;
      if (kind === "boost") {
        for (let j = 0; j < last; j++) rest = await leave(j, rest);
        return runners[last]!.residual(rest, codes[last]!);
      }
      total.fill(0);
      for (const [j, { weight }] of members.entries()) {
        const { residual } = await runners[j]!.residual(rest, codes[j]!);
        for (let i = 0; i < rest.length; i++) total[i]! += weight * residual[i]!;
      }
      for (let b = 0; b < rows; b++) {
        let squares = 0;
        for (let i = b * dIn; i < (b + 1) * dIn; i++) squares += total[i]! ** 2;
        rowLoss[b] = squares;
      }
      return { residual: total, rowLoss };
    },
  };
}

/**
 * Prepares an SAE or an ensemble to encode batches of up to `batch` rows. The code of an ensemble
 * has the latents of all members with weighted coefficients, and its residual is that of x̂ above.
 *
 * @throws (from `encode`) {ConcordError} "numeric/not-finite" naming a row that is not finite.
 */
export async function openCoder(backend: Backend, coder: Coder, batch: number): Promise<SaeRunner> {
  return isEnsemble(coder)
    ? openEnsembleRunner(backend, coder, batch)
    : openSaeRunner(backend, coder, batch);
}
