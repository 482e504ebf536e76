/**
 * @file The kernels that training is made of, as one interface. Two implementations exist: `reference/` in plain
 * TypeScript, slow and obviously right, and `native/`, the C++ core. Nothing above this folder knows which one runs.
 *
 * Conventions. Matrices are row-major float32; weights have one latent a row, [d_sae, d_in]. Arrays are read and written in
 * place, and belong to the kernel until its promise settles. A code is CSR {indptr [batch+1], indices [nnz], values [nnz]}
 * with indices ascending in each row. Shapes are checked by the implementations, which throw ShapeError (or an error with
 * code "shape/mismatch").
 */

import type { Checksum, Narrow, PlaceRows, WidenRows } from "./convert.ts";
import type { DrawSupports, SyntheticRows } from "./synthetic.ts";

export * from "./convert.ts";
export * from "./synthetic.ts";

/** What determines how encoder weights are packed. `k` is 0 for `encodePositive`. */
export interface EncoderShape {
  readonly dIn: number;
  readonly dSae: number;
  readonly k: number;
}

/** What packed encoder weights take, and how they are scored. */
export interface EncoderPacking {
  /** Size of the packed weights. Their layout belongs to the backend and is never stored. */
  readonly bytes: number;
  /** True when scores are screened in bfloat16 and refined in float32. */
  readonly half: boolean;
}

/** The code of a batch. */
export interface Code {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Arguments of `encodeTopK`: centred rows, the encoder and room for the code. */
export interface EncodeTopK extends EncoderShape {
  /** Centred activations [batch, d_in]. */
  readonly x: Float32Array;
  readonly batch: number;
  readonly W: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly packed: Uint8Array;
  /** Extra candidates that the half-precision screen keeps; any value gives the same result. */
  readonly margin: number;
  /** Write max(score, 0) instead of the score. */
  readonly relu: boolean;
  /** [batch, k], ascending in each row. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Arguments of `encodePositive`; `indices` and `values` may be too short, see there. */
export interface EncodePositive extends Omit<EncoderShape, "k"> {
  readonly x: Float32Array;
  readonly batch: number;
  readonly W: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly packed: Uint8Array;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Arguments of `decode`: a code, the decoder, what should come out, and room for what is left over. */
export interface Decode extends Code {
  readonly batch: number;
  readonly dIn: number;
  /** Unit rows [d_sae, d_in]. */
  readonly wDec: Float32Array;
  readonly target: Float32Array;
  readonly targetScale: number;
  /** residual = code · wDec − targetScale · target, [batch, d_in]. */
  readonly residual: Float32Array;
  /** ‖residual‖² per row, [batch]. */
  readonly rowLoss: Float32Array;
  /** When given: residualScale · ⟨residual, wDec row⟩ + l1, [nnz]; zero where positiveOnly and the value is not positive. */
  readonly codeGrad?: Float32Array;
  readonly residualScale?: number;
  readonly l1?: number;
  readonly positiveOnly?: boolean;
}

/** Arguments of `transpose`: a code with its gradient, and room for the same by latent. */
export interface Transpose extends Code {
  readonly batch: number;
  readonly dSae: number;
  readonly codeGrad: Float32Array;
  /** [d_sae + 1] */
  readonly latentIndptr: Int32Array;
  /** [nnz], ascending for each latent. */
  readonly rows: Int32Array;
  readonly latentValues: Float32Array;
  readonly latentGrads: Float32Array;
  /** Sum of codeGrad per latent, [d_sae]. */
  readonly biasGrad: Float32Array;
}

/** out_j = Σ_r weight_r matrix_rj for a matrix [rows, columns]; weights are 1 when left out. */
export interface WeightedRowSum {
  readonly matrix: Float32Array;
  readonly weight?: Float32Array | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly out: Float32Array;
}

/** Which parameter the unit decoder rows are made from; see `Tying` in native/include/concord/update.hpp. */
export const TYING = {
  untiedUnit: 0,
  untiedNormalized: 1,
  tiedRaw: 2,
  tiedNormalized: 3,
} as const;
/** One of `TYING`. */
export type Tying = (typeof TYING)[keyof typeof TYING];

/** A parameter and its two Adam moments, all of one length. */
export interface AdamState {
  readonly parameter: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Adam's constants in one step, as PyTorch has them. */
export interface AdamOptions {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** 1 − beta1^t and 1 − beta2^t. */
  readonly correction1: number;
  readonly correction2: number;
}

/** Where gradient rows come from: Σ latentGrads · x for the encoder, residualScale · Σ latentValues · residual for the decoder. */
export interface SparseGradient {
  readonly latentIndptr: Int32Array;
  readonly rows: Int32Array;
  readonly latentValues: Float32Array;
  readonly latentGrads: Float32Array;
  readonly x: Float32Array;
  readonly residual: Float32Array;
  readonly residualScale: number;
}

/** What the gradients of a member's weights are made of. */
export interface GradientParts {
  readonly dIn: number;
  readonly dSae: number;
  readonly tying: Tying;
  /** Not with tiedNormalized. */
  readonly encoder?: AdamState | undefined;
  /** Not with tiedRaw; with untiedUnit its parameter is `unit`. */
  readonly raw?: AdamState | undefined;
  readonly unit: Float32Array;
  readonly bias?: AdamState | undefined;
  readonly biasGrad?: Float32Array | undefined;
  readonly sources: readonly SparseGradient[];
  /** Dense gradients [d_sae, d_in] with respect to the encoder, the unit rows and the raw parameter. */
  readonly denseEncoder?: Float32Array | undefined;
  readonly denseUnit?: Float32Array | undefined;
  readonly denseRaw?: Float32Array | undefined;
}

/** Arguments of `gradientNorm`: before clipping, by latent, its bias included. */
export interface GradientNorm extends GradientParts {
  /** Squared norm of each latent's gradient, [d_sae]. */
  readonly norm2: Float32Array;
}

/** Arguments of `update`: the gradients, how they are scaled, and what else to renew. */
export interface Update extends GradientParts {
  /** Every gradient is multiplied by it. */
  readonly clip: number;
  readonly adam: AdamOptions;
  /** By how much each unit row moves is added to it, [d_sae]. */
  readonly moved?: Float32Array | undefined;
  /** Packed encoder weights to renew, with the k they were packed for. */
  readonly packed?: Uint8Array | undefined;
  readonly k?: number;
}

/** One step of Adam on a vector of `n` elements with its gradient given. */
export interface UpdateVector extends AdamState {
  readonly gradient: Float32Array;
  readonly clip: number;
  readonly n: number;
  readonly adam: AdamOptions;
}

/** Arguments of `gemm`: row-major matrices a, b and c. */
export interface Gemm {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0. */
  readonly beta?: number;
}

/** Arguments of `center`: rows [batch, d_in] and what to subtract from each; `out` may be `x`. */
export interface Center {
  readonly x: Float32Array;
  readonly offset?: Float32Array | undefined;
  readonly batch: number;
  readonly dIn: number;
  readonly out: Float32Array;
}

/** Rows [count, columns] scaled to length one; rows of zeros stay zero. `unit` may be `rows`. */
export interface NormalizeRows {
  readonly rows: Float32Array;
  readonly unit: Float32Array;
  readonly count: number;
  readonly columns: number;
}

/** scores = max(scores + bias, 0) in place on [batch, d_sae]; NaN stays NaN. */
export interface BiasRelu {
  readonly scores: Float32Array;
  readonly bias?: Float32Array | undefined;
  readonly batch: number;
  readonly dSae: number;
  /** Positive scores per row, [batch]. */
  readonly active: Int32Array;
  /** Their sum per row, [batch]. */
  readonly sum: Float32Array;
}

/** Arguments of `maskGradient`: the derivative of a ReLU with an L1 penalty. */
export interface MaskGradient {
  readonly grad: Float32Array;
  readonly code: Float32Array;
  readonly n: number;
  readonly scale: number;
  readonly l1: number;
}

/** out_i = row index_i of a matrix with `columns` columns. */
export interface GatherRows {
  readonly matrix: Float32Array;
  readonly index: Int32Array;
  readonly count: number;
  readonly columns: number;
  readonly out: Float32Array;
}

/** Arguments of `fillRandom`: a stream of random numbers, and which of it. */
export interface FillRandom {
  /** The key of a RandomStream. */
  readonly k0: number;
  readonly k1: number;
  /** Position of out[0] in the stream. */
  readonly start: number;
  readonly out: Float32Array;
  /** Standard normal numbers instead of uniform ones in [0, 1). */
  readonly normal: boolean;
  /** Multiplies every number. Default 1. */
  readonly scale?: number;
}

/** Arguments of `bestMatches`: two dictionaries, and room for each atom's nearest in the other. */
export interface BestMatches {
  /** Rows of length one, [n, d] and [m, d]. */
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly n: number;
  readonly m: number;
  readonly d: number;
  /** Largest cosine of each row of a, and the row of b that has it (the lowest of equals); and the other way round. */
  readonly bestOfA: Float32Array;
  readonly partnerOfA: Int32Array;
  readonly bestOfB: Float32Array;
  readonly partnerOfB: Int32Array;
}

/** A linear assignment problem on a graph of candidate pairs; see native/include/concord/similarity.hpp. */
export interface Assign {
  /** Rows and columns, n ≤ m. */
  readonly n: number;
  readonly m: number;
  readonly indptr: Int32Array;
  readonly columns: Int32Array;
  readonly similarity: Float32Array;
  /** What is known of pairs outside the graph: similarity − start_c ≤ bound_r. Only guides which duals are returned. */
  readonly bound?: Float32Array | undefined;
  readonly start?: Float64Array | undefined;
  /** Column duals [m], in and out; zeros when n < m. On return u_r + v_c ≥ similarity on the graph, equal where assigned. */
  readonly v: Float64Array;
  readonly u: Float64Array;
  /** [n]; −1 where the graph has no assignment for all rows. */
  readonly columnOfRow: Int32Array;
}

/** Gradient of Σ weight · cosine with respect to the parameter whose normalised rows are `unit`. */
export interface PullRows {
  readonly unit: Float32Array;
  /** Undefined: the rows are the parameter, of length one. */
  readonly parameter?: Float32Array | undefined;
  readonly dSae: number;
  readonly dIn: number;
  /** Edges of each latent, CSR [d_sae + 1]: which partner dictionary, which of its rows, with what weight. */
  readonly indptr: Int32Array;
  readonly partner: Int32Array;
  readonly row: Int32Array;
  readonly weight: Float32Array;
  readonly partners: readonly Float32Array[];
  readonly out: Float32Array;
}

/** out_i = ⟨a_i, b[index_i]⟩; without `index`, row i of both. */
export interface PairedDots {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly index?: Int32Array | undefined;
  readonly count: number;
  readonly d: number;
  readonly out: Float32Array;
}

/**
 * The kernels, and memory for them. All implementations give the same results up to the rounding of float32; each of them the same
 * bytes every time, whatever its number of threads.
 */
export interface Backend {
  readonly name: "native" | "reference";
  /** Instruction set of the native core, or "typescript". */
  readonly isa: string;
  readonly threads: number;

  /** Zeroed memory that kernels read fastest. */
  float32(length: number): Float32Array;
  int32(length: number): Int32Array;
  bytes(length: number): Uint8Array;

  encoderPacking(shape: EncoderShape): EncoderPacking;
  packEncoder(args: EncoderShape & { W: Float32Array; packed: Uint8Array }): Promise<void>;
  /**
   * The k largest scores ⟨x, W_f⟩ + bias_f of every row, ties to the lower index, exactly as in float32.
   *
   * @returns How many rows the half-precision screen could not certify and were computed again.
   * @throws {ConcordError} "numeric/not-finite" naming the first row that has a NaN among its scores, or fewer than k above −∞.
   */
  encodeTopK(args: EncodeTopK): Promise<number>;
  /**
   * All scores above zero.
   *
   * @returns The number of active latents; when it exceeds indices.length, indices and values were not written.
   * @throws {ConcordError} "numeric/not-finite" naming the first row that has a NaN among its scores.
   */
  encodePositive(args: EncodePositive): Promise<number>;

  decode(args: Decode): Promise<void>;
  transpose(args: Transpose): Promise<void>;
  weightedRowSum(args: WeightedRowSum): Promise<void>;

  /**
   * One step of Adam on every latent's rows and bias, with the gradients of `args`, clipped; unit rows and packed weights are
   * renewed.
   *
   * @returns The first latent whose parameters or unit row are not finite afterwards, or −1.
   */
  update(args: Update): Promise<number>;
  gradientNorm(args: GradientNorm): Promise<void>;
  updateVector(args: UpdateVector): Promise<void>;

  /** c = alpha · op(a) op(b) + beta · c, op(a) [m, k], op(b) [k, n]. */
  gemm(args: Gemm): Promise<void>;
  /** out = x − offset. @returns The first row with a value that is not finite, or −1. */
  center(args: Center): Promise<number>;
  normalizeRows(args: NormalizeRows): Promise<void>;
  biasRelu(args: BiasRelu): Promise<void>;
  /** grad = code > 0 ? grad · scale + l1 : 0. */
  maskGradient(args: MaskGradient): Promise<void>;
  gatherRows(args: GatherRows): Promise<void>;

  bestMatches(args: BestMatches): Promise<void>;
  /** The assignment with the largest total similarity. @returns How many rows the graph left without a column. */
  assign(args: Assign): Promise<number>;
  pullRows(args: PullRows): Promise<void>;
  pairedDots(args: PairedDots): Promise<void>;

  /** Random numbers by position; see src/tensor/philox.ts. */
  fillRandom(args: FillRandom): Promise<void>;
  /** Rows of synthetic activations; row r depends on the keys and r only. */
  syntheticRows(args: SyntheticRows): Promise<void>;
  /** One draw without replacement from each group, as syntheticRows makes it. */
  drawSupports(args: DrawSupports): Promise<void>;

  /** out_i = row index_i as float32, exactly. */
  widenRows(args: WidenRows): Promise<void>;
  /** Row index_i = row i of `from`. */
  placeRows(args: PlaceRows): Promise<void>;
  /**
   * out = x in the stored dtype, rounded to nearest, ties to even.
   *
   * @returns The first element that the dtype cannot hold (not finite, or beyond LARGEST_STORED), or −1.
   */
  narrow(args: Narrow): Promise<number>;
  /** XXH32 of the bytes; see src/formats/xxh32.ts. */
  checksum(args: Checksum): Promise<number>;
}
