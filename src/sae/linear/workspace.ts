/**
 * @file Memory of one training step. Members take their steps one after another, so members of the
 *   same shape share it.
 */

import type { Backend, GradientParts, Transpose } from "../../backend/backend.ts";
import type { SaeParameters } from "./parameters.ts";

/**
 * A code with its gradient, and the same by latent. Arrays may be longer than the number of active
 * latents.
 */
export type CodeBuffers = Omit<Transpose, "batch" | "dSae">;

/** Memory for up to `capacity` active latents of a batch. */
export function codeBuffers(
  backend: Backend,
  batch: number,
  dSae: number,
  capacity: number,
): CodeBuffers {
  return {
    indptr: backend.int32(batch + 1),
    indices: backend.int32(capacity),
    values: backend.float32(capacity),
    codeGrad: backend.float32(capacity),
    latentIndptr: backend.int32(dSae + 1),
    rows: backend.int32(capacity),
    latentValues: backend.float32(capacity),
    latentGrads: backend.float32(capacity),
    biasGrad: backend.float32(dSae),
    activeRows: backend.int32(dSae),
    magnitudes: new Float64Array(dSae),
  };
}

/** Everything that a step writes beside the member itself. */
export interface Workspace {
  readonly backend: Backend;
  readonly batch: number;
  readonly dIn: number;
  readonly dSae: number;
  /** x − b_dec, [batch, d_in]. */
  readonly centred: Float32Array;
  /** x̂ − target, [batch, d_in]. */
  readonly residual: Float32Array;
  readonly rowLoss: Float32Array;
  readonly norm2: Float32Array;
  /**
   * Sum over the batch, and the part of b_dec's gradient that comes through the encoder; [d_in].
   */
  readonly columnSum: Float32Array;
  readonly throughEncoder: Float32Array;
  /** Grown when a batch activates more than fits. */
  code: CodeBuffers;
  /** target − b_dec, [batch, d_in]; allocated when a batch first has targets. */
  centredTarget: Float32Array | undefined;
  /** Allocated when first needed. */
  kept: KeptGradients;
  aux: AuxWorkspace | undefined;
  dense: DenseWorkspace | undefined;
  /** What single rules keep, by name; see `roomOf`. */
  readonly rooms: Map<string, object>;
}

/** Memory that a rule keeps in the workspace, made when first asked for. */
export function roomOf<Room extends object>(
  w: Workspace,
  name: string,
  make: (w: Workspace) => Room,
): Room {
  const room = (w.rooms.get(name) as Room | undefined) ?? make(w);
  w.rooms.set(name, room);
  return room;
}

/**
 * Gradients of the weights between `gradientNorm` and `update`, for members whose gradients are
 * clipped.
 */
export type KeptGradients = Pick<GradientParts, "keptEncoder" | "keptRaw">;

/**
 * Memory of AuxK: the encoder rows of the dead latents, their code and residual. Arrays may be
 * longer than needed.
 */
export interface AuxWorkspace {
  /** Most dead latents that can be active in a row. */
  readonly kAux: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly packed: Uint8Array;
  readonly residual: Float32Array;
  readonly rowLoss: Float32Array;
  readonly code: CodeBuffers;
}

/** Memory of the dense path. */
export interface DenseWorkspace {
  /** [batch, d_sae] */
  readonly code: Float32Array;
  readonly grad: Float32Array;
  /** [d_sae, d_in] */
  readonly encoderGrad: Float32Array;
  readonly unitGrad: Float32Array;
  readonly active: Int32Array;
  readonly sum: Float32Array;
}

/**
 * Memory for steps of the given shape; `capacity` is the expected number of active latents in a
 * batch.
 */
export function allocateWorkspace(
  backend: Backend,
  shape: { batch: number; dIn: number; dSae: number; capacity: number },
): Workspace {
  const { batch, dIn, dSae } = shape;
  return {
    backend,
    batch,
    dIn,
    dSae,
    centred: backend.float32(batch * dIn),
    residual: backend.float32(batch * dIn),
    rowLoss: backend.float32(batch),
    norm2: backend.float32(dSae),
    columnSum: backend.float32(dIn),
    throughEncoder: backend.float32(dIn),
    code: codeBuffers(backend, batch, dSae, shape.capacity),
    kept: {},
    centredTarget: undefined,
    aux: undefined,
    dense: undefined,
    rooms: new Map(),
  };
}

/** The workspace's memory for the gradients of such parameters, made when first asked for. */
export function keptGradients(w: Workspace, { encoder, raw }: SaeParameters): KeptGradients {
  const size = w.dSae * w.dIn;
  const { keptEncoder, keptRaw } = w.kept;
  w.kept = {
    keptEncoder: keptEncoder ?? (encoder && w.backend.float32(size)),
    keptRaw: keptRaw ?? (raw && w.backend.float32(size)),
  };
  return w.kept;
}
