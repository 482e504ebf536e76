/**
 * @file How scores become a code, and what follows from that for loss and gradients: the part of
 *   the fused step in which architectures differ.
 */

import type { SparseGradient } from "../../../backend/backend.ts";
import type { SaeSelection } from "../../sae.ts";
import type { Member } from "../member.ts";
import type { Selection } from "../spec.ts";
import type { Workspace } from "../workspace.ts";

/** A batch without b_dec. */
export interface Centred {
  /** x − b_dec, [batch, d_in]. */
  readonly centred: Float32Array;
  /** target − b_dec, [batch, d_in]. */
  readonly target: Float32Array;
  /** The gradient of a residual is this times the residual. */
  readonly residualScale: number;
}

/** What a rule leaves for the backward pass, beside the code and the residual in the workspace. */
export interface Found {
  /** Mean number of active latents per row. */
  readonly l0: number;
  /** Mean over the batch of Σ|z|. */
  readonly l1: number;
  readonly redoneRows: number;
  /** Mean over the batch of ‖x̂ − target‖², where the workspace's row losses are not it. */
  readonly squaredError?: number;
  /** What the loss has in place of `squaredError`, where it is something else. */
  readonly reconstruction?: number;
  /** Other terms of the loss, without AuxK. */
  readonly penalty?: number;
  /** Gradients as dense matrices, where the dense path was taken. */
  readonly dense?: { readonly encoder: Float32Array; readonly unit: Float32Array };
  /** Where gradients come from, where that is not the workspace's code and residual. */
  readonly sources?: readonly SparseGradient[];
  /** What b_dec's gradient sums, where that is not the workspace's residual; and its scale. */
  readonly output?: { readonly residual: Float32Array; readonly scale: number };
  /** Gradient of b_enc [d_sae], where it is not the sum of the scores' gradients. */
  readonly biasGrad?: Float32Array;
  /** The smallest value that the batch kept, for rules that select across it. */
  readonly smallest?: number | undefined;
  /** Gradients of the rule's own parameters by name, [d_sae]. */
  readonly vectors?: Readonly<Record<string, Float32Array>>;
}

/** How one kind of selection trains. */
export interface Rule<S extends Selection = Selection> {
  /** k that the encoder is packed for; 0 where any number of latents may be active. */
  packedK(selection: S, dSae: number): number;
  /** Latents of a row that are active by construction, on average; undefined: training decides. */
  activePerRow(selection: S): number | undefined;
  /** Active latents of a batch that memory is first allocated for. */
  capacity(selection: S, shape: { readonly batch: number; readonly dSae: number }): number;
  /** The rule's own parameters, one number per latent, with what each starts as. */
  vectors?(selection: S): Readonly<Record<string, number>>;

  /**
   * Writes code, residual and the code's gradient into the workspace.
   *
   * @throws {ConcordError} "numeric/not-finite" naming a row whose scores cannot be ordered.
   */
  forward(member: Member, w: Workspace, batch: Centred): Promise<Found>;
  /** The same by matrix products, for codes too full to be worth storing sparsely. */
  denseForward?(member: Member, w: Workspace, batch: Centred): Promise<Found>;
  /** What else members must have in common to share a workspace. */
  sharing?(selection: S): string | number;
  /** Other memory that `forward` keeps in the workspace, made when first asked for. */
  prepare?(selection: S, w: Workspace): void;
  /** What follows an update: own parameters kept where they have a meaning, running means. */
  afterUpdate?(member: Member, found: Found): void;

  /** Latents that the trained SAE activates in every row. Default 0: their number is not fixed. */
  inferenceK?(selection: S): number;
  /** How the trained SAE selects. */
  inference(member: Member): SaeSelection;
  /** Encoder and bias of the trained SAE, where they are not the member's own. */
  inferenceEncoder?(member: Member, w: Workspace): { encoder: Float32Array; bias: Float32Array };
  /** Takes over how a saved SAE selects; its weights are in the member. */
  startFrom?(member: Member, selection: SaeSelection): void;
}

/** Σ of the first n values. */
export function sum(values: ArrayLike<number>, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += values[i]!;
  return total;
}

/** Entries of the workspace's code. */
export function entries(w: Workspace): number {
  return w.code.indptr[w.batch]!;
}

/** Mean number of active latents, and mean Σ|z|, from a code that was transposed. */
export function codeMeans({ code, batch, dSae }: Workspace): Pick<Found, "l0" | "l1"> {
  return { l0: sum(code.activeRows, dSae) / batch, l1: sum(code.magnitudes, dSae) / batch };
}
