/**
 * @file The steps of a model's forward pass by the names of its tensors, as the blocks record them
 *   beside the nodes of the ONNX graph. Tensors are [batch · pos, width].
 */

import type { ForwardActivation } from "../../../../backend/backend.ts";

/** A step that makes the tensor `out`; see `ForwardStep` of the backend for the arithmetic. */
export type RecordedStep = { readonly out: string } & (
  | {
      readonly kind: "embed";
      readonly table: StoredWeight;
      readonly width: number;
      readonly scale: number;
    }
  | { readonly kind: "place"; readonly table: StoredWeight; readonly width: number }
  | {
      readonly kind: "norm";
      readonly a: string;
      readonly norm: "layer" | "rms";
      readonly eps: number;
      readonly heads: number;
      readonly gain?: StoredWeight;
      /** Added to the stored gain. */
      readonly gainOffset?: number;
      readonly bias?: StoredWeight;
    }
  | {
      readonly kind: "linear";
      readonly a: string;
      readonly weight: StoredWeight;
      readonly transposed: boolean;
      readonly inputs: number;
      readonly width: number;
      readonly bias?: StoredWeight;
    }
  | {
      readonly kind: "activate";
      readonly a: string;
      readonly activation: ForwardActivation;
    }
  | { readonly kind: "add" | "multiply"; readonly a: string; readonly b: string }
  | {
      readonly kind: "columns";
      readonly a: string;
      readonly width: number;
      readonly heads: number;
      readonly stride: number;
      readonly first: number;
    }
  | {
      readonly kind: "attention";
      readonly q: string;
      readonly k: string;
      readonly v: string;
      readonly heads: number;
      readonly keyHeads: number;
      readonly scale: number;
      readonly cap: number;
      /** Tokens that a query sees, its own included; 0: all up to its own. */
      readonly window: number;
      /** Inverse frequencies of the rotary embedding, where there is one. */
      readonly frequencies?: Float32Array;
    }
);

/** The name of a weight in the checkpoint. */
export type StoredWeight = string;

/** The tensors that a step reads. */
export function inputsOf(step: RecordedStep): readonly string[] {
  switch (step.kind) {
    case "embed":
    case "place":
      return [];
    case "add":
    case "multiply":
      return [step.a, step.b];
    case "attention":
      return [step.q, step.k, step.v];
    default:
      return [step.a];
  }
}
