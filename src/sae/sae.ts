/** @file A trained SAE: weights that encode and decode, without anything of its training. */

import type { Backend } from "../backend/backend.ts";
import { normalizeEachRow, type RowNormalization, rowScales } from "../base/row-normalization.ts";
import type { Tensor } from "../base/tensor.ts";
import { ConcordError } from "../errors.ts";
import type { Selection } from "./linear/spec.ts";

/**
 * How latents of a trained SAE become active: as in training, or every score above zero and its
 * latent's threshold.
 */
export type SaeSelection =
  | Extract<Selection, { kind: "topk" | "relu" }>
  | {
      readonly kind: "jumprelu";
      /** [d_sae] */
      readonly thresholds: Float32Array;
    };

/** Encodes rows where one matrix cannot. */
export interface OwnEncoder {
  /**
   * Makes, for batches of up to `batch` rows, a function that gives the code of x [rows, d_in]. A
   * code is valid until the next call.
   */
  open(backend: Backend, batch: number): (x: Float32Array, rows: number) => Promise<EncodedBatch>;
  /** The options of its architecture, as `resolveOptions` gives them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** All numbers that it computes with, decoder and b_dec among them: what a folder keeps. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * What encodes and decodes: x ↦ z = selection((x − b_dec) W_enc + b_enc) ↦ x̂ = z W_dec + b_dec.
 */
export interface Sae {
  readonly selection: SaeSelection;
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  /** W_encᵀ, [d_sae, d_in]. With `ownEncoder` there is none: the decoder stands in its place. */
  readonly encoder: Float32Array;
  /** W_dec, [d_sae, d_in]. */
  readonly decoder: Float32Array;
  /** [d_sae] */
  readonly encoderBias: Float32Array;
  /** [d_in]; subtracted from the input and added to the output. */
  readonly decoderBias: Float32Array | undefined;
  /** Done to every row before all this, and undone after it; nothing when left out. */
  readonly rowNormalization?: RowNormalization;
  /** Encodes in place of `selection`, `encoder` and `encoderBias`. It gets x, b_dec included. */
  readonly ownEncoder?: OwnEncoder;
}

/**
 * An SAE that was trained on normalised rows, for rows as they come; it shares the memory of the
 * one given.
 *
 * @param rowNormalization What was done to the rows that it was trained on; undefined: nothing.
 */
export function forRowsAsTheyCome(sae: Sae, rowNormalization: RowNormalization | undefined): Sae {
  return rowNormalization === undefined ? sae : { ...sae, rowNormalization };
}

/** The code of some rows, as CSR. */
export interface EncodedBatch {
  readonly rows: number;
  /** [rows + 1], with indices and values up to its last element. */
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** An SAE at work on batches. */
export interface SaeRunner {
  /** The code of x [rows, d_in], rows up to the runner's batch. Valid until the next call. */
  encode(x: Float32Array, rows: number): Promise<EncodedBatch>;
  /**
   * x̂ − target [rows, d_in] and ‖x̂ − target‖² per row, x̂ the reconstruction of a code that
   * `encode` just gave. Valid until the next call.
   *
   * @param target What was encoded, or what it should have been reconstructed as.
   */
  residual(
    target: Float32Array,
    code: EncodedBatch,
  ): Promise<{ residual: Float32Array; rowLoss: Float32Array }>;
}

/** The runner of one SAE, which may change while it is trained. */
export interface RenewableRunner extends SaeRunner {
  /** Takes the weights as they are now; shape and kind of selection stay. */
  renew(sae: Sae): Promise<void>;
}

/**
 * What encoding finds scores above, by latent: thresholds, where an SAE has them, but not below
 * zero. undefined: zero for all.
 */
function cuts(selection: SaeSelection): Float32Array | undefined {
  if (selection.kind !== "jumprelu") return undefined;
  return selection.thresholds.map((threshold) => Math.max(0, threshold));
}

/**
 * Prepares an SAE to encode batches of up to `batch` rows: packs its weights once and keeps memory
 * for the results.
 *
 * @throws (from `encode`) {ConcordError} "numeric/not-finite" naming a row that is not finite.
 */
export async function openSaeRunner(
  backend: Backend,
  sae: Sae,
  batch: number,
): Promise<RenewableRunner> {
  const { dIn, dSae, rowNormalization } = sae;
  const k = sae.selection.kind === "topk" ? sae.selection.k : 0;
  const shape = { dIn, dSae, k };
  let own = sae.ownEncoder?.open(backend, batch);
  const packed = backend.bytes(own ? 0 : backend.encoderPacking(shape).bytes);
  const centred = backend.float32(batch * dIn);
  const residual = backend.float32(batch * dIn);
  const rowLoss = backend.float32(batch);
  const indptr = backend.int32(batch + 1);
  const capacity = own ? 0 : firstCapacity(shape, batch);
  let indices = backend.int32(capacity);
  let values = backend.float32(capacity);
  const scales = rowScales(rowNormalization ? batch : 0);
  let current = sae;
  let above: Float32Array | undefined;
  let bias = sae.encoderBias;
  const renew = async (next: Sae): Promise<void> => {
    if (next.ownEncoder !== current.ownEncoder) own = next.ownEncoder?.open(backend, batch);
    current = next;
    if (own) return;
    await backend.packEncoder({ W: next.encoder, packed, ...shape });
    // Scores less their latent's threshold are above zero where they count.
    const cut = cuts(next.selection);
    above = cut;
    bias = cut ? next.encoderBias.map((b, f) => b - cut[f]!) : next.encoderBias;
  };
  await renew(sae);

  /**
   * x̂ − target and its squared length, from the reconstruction of normalised rows in `residual`.
   */
  const leaveNormalized = (target: Float32Array, rows: number): void => {
    for (let b = 0; b < rows; b++) {
      const shift = scales.shift[b]!;
      const scale = scales.scale[b]!;
      let squares = 0;
      for (let i = b * dIn; i < (b + 1) * dIn; i++) {
        residual[i] = residual[i]! * scale + shift - target[i]!;
        squares += residual[i]! ** 2;
      }
      rowLoss[b] = squares;
    }
  };

  return {
    renew,
    async encode(x, rows) {
      const { selection, decoderBias } = current;
      const offset = own ? undefined : decoderBias;
      const input = rowNormalization ? centred.subarray(0, rows * dIn) : x;
      if (rowNormalization)
        normalizeEachRow(rowNormalization, x.subarray(0, input.length), dIn, input, scales);
      const badRow = await backend.center({ x: input, offset, batch: rows, dIn, out: centred });
      if (badRow >= 0)
        throw new ConcordError(
          "numeric/not-finite",
          `[encode] Row ${badRow} of the batch holds a value that is not finite.`,
        );
      if (own) return own(centred, rows);
      const common = { x: centred, batch: rows, W: current.encoder, bias, packed };
      if (selection.kind === "topk") {
        for (let b = 0; b <= rows; b++) indptr[b] = b * k;
        const { relu } = selection;
        await backend.encodeTopK({ relu, margin: k + 32, indices, values, ...shape, ...common });
      } else {
        const nnz = await backend.encodePositive({ indptr, indices, values, ...shape, ...common });
        if (nnz > indices.length) {
          indices = backend.int32(Math.ceil(nnz * 1.25));
          values = backend.float32(indices.length);
          await backend.encodePositive({ indptr, indices, values, ...shape, ...common });
        }
        for (let e = 0; above && e < indptr[rows]!; e++) values[e]! += above[indices[e]!]!;
      }
      return { rows, indptr, indices, values };
    },
    async residual(target, code) {
      const { rows } = code;
      const input = rowNormalization ? centred.subarray(0, rows * dIn).fill(0) : target;
      const offset = current.decoderBias;
      await backend.center({ x: input, offset, batch: rows, dIn, out: centred });
      await backend.decode({
        batch: rows,
        indptr: code.indptr,
        indices: code.indices,
        values: code.values,
        dIn,
        wDec: current.decoder,
        target: centred,
        targetScale: 1,
        residual,
        rowLoss,
      });
      if (rowNormalization) leaveNormalized(target, rows);
      return { residual, rowLoss };
    },
  };
}

/** Fraction of active latents of an SAE that has learnt nothing. */
const UNTRAINED_DENSITY = 0.5;

/** Sizes of an SAE for inference. */
export interface SaeSizes {
  readonly dIn: number;
  readonly dSae: number;
  /** Active latents per row if their number is fixed, else 0. */
  readonly k: number;
}

/** First number of entries of a code that a runner has room for. */
function firstCapacity({ k, dSae }: SaeSizes, batch: number): number {
  return batch * (k > 0 ? k : Math.ceil(dSae / 16));
}

/** Bytes of a runner: usually, and once half of all latents are active. */
export function runnerBytes(
  backend: Backend,
  sizes: SaeSizes,
  batch: number,
): { readonly usual: number; readonly most: number } {
  const { dIn, dSae, k } = sizes;
  const arrays = 4 * (2 * batch * dIn + batch + (batch + 1) + 2 * firstCapacity(sizes, batch));
  const usual = backend.encoderPacking({ dIn, dSae, k }).bytes + arrays;
  const full = k > 0 ? 0 : 8 * 1.25 * UNTRAINED_DENSITY * batch * dSae;
  return { usual, most: usual + full };
}
