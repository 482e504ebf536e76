/**
 * @file Adds next-token cross-entropy to a graph, and the distance from other logits, so that
 *   logits are not compared outside the runtime.
 */

import type { ModelProto } from "../../../formats/onnx/messages.ts";
import { inlineTensor, tensorValue } from "../../../formats/onnx/tensors.ts";

/** Graph input with the token that each position should predict. */
export const TARGET_INPUT = "concord_targets";
/** Output: −log softmax(logits)[target] in nats, shaped as the targets. */
export const LOSS_OUTPUT = "concord_cross_entropy";

/** Output: log softmax(logits), shaped as the logits. */
export const LOG_PROBABILITIES = "concord_log_probabilities";
/** Graph input with log-probabilities of the unchanged model, shaped as the logits. */
export const BASELINE_INPUT = "concord_baseline";
/**
 * Output [..., 2]: the cross-entropy, and KL(p ‖ q) in nats, p of the unchanged model, q of this
 * one. Tokens of p = 0 add 0 to KL, whatever their logits are.
 */
export const COMPARED_OUTPUT = "concord_compared";

const ONE_HOT_AXIS = "concord_last_axis";
const TARGET_COLUMN = "concord_target_column";
const PICKED = "concord_picked";
const PICKED_FLAT = "concord_picked_flat";

type Attribute = { readonly name: string; readonly type: number; readonly i: number };

const lastAxis: Attribute = { name: "axis", type: 2, i: -1 };

function node(opType: string, input: string[], output: string, attribute: Attribute[] = []) {
  return { opType, name: output, input, output: [output], attribute };
}

const axes = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}_${i}`);

/** The model with {@link LOG_PROBABILITIES} added, of the tensor `logits` [..., vocabulary]. */
export function withLogProbabilities(model: ModelProto, logits: string): ModelProto {
  const { graph } = model;
  const made = node("LogSoftmax", [logits], LOG_PROBABILITIES, [lastAxis]);
  return { ...model, graph: { ...graph, node: [...graph.node, made] } };
}

/**
 * The model with {@link TARGET_INPUT} and {@link LOSS_OUTPUT} added.
 *
 * @param logits Name of the tensor [..., vocabulary].
 * @param rank   Rank of the targets: that of the logits less one.
 */
export function withCrossEntropy(model: ModelProto, logits: string, rank: number): ModelProto {
  const predicting = withLogProbabilities(model, logits);
  const { graph } = predicting;
  return {
    ...predicting,
    graph: {
      ...graph,
      initializer: [...graph.initializer, inlineTensor(ONE_HOT_AXIS, [1], BigInt64Array.of(-1n))],
      input: [...graph.input, tensorValue(TARGET_INPUT, "int64", axes("target", rank))],
      node: [
        ...graph.node,
        node("Unsqueeze", [TARGET_INPUT, ONE_HOT_AXIS], TARGET_COLUMN),
        node("GatherElements", [LOG_PROBABILITIES, TARGET_COLUMN], PICKED, [lastAxis]),
        node("Squeeze", [PICKED, ONE_HOT_AXIS], PICKED_FLAT),
        node("Neg", [PICKED_FLAT], LOSS_OUTPUT),
      ],
    },
  };
}

/**
 * The model with {@link TARGET_INPUT}, {@link BASELINE_INPUT} and {@link COMPARED_OUTPUT} added.
 *
 * @param logits Name of the tensor [..., vocabulary].
 * @param rank   Rank of the targets: that of the logits less one.
 */
export function withComparison(model: ModelProto, logits: string, rank: number): ModelProto {
  const compared = withCrossEntropy(model, logits, rank);
  const { graph } = compared;
  const [p, difference, products] = ["concord_p", "concord_log_ratio", "concord_products"];
  const [zero, isZero] = ["concord_zero", "concord_is_zero"];
  const [terms, kl] = ["concord_kl_terms", "concord_kl"];
  const [lossColumn, klColumn] = ["concord_loss_column", "concord_kl_column"];
  return {
    ...compared,
    graph: {
      ...graph,
      initializer: [...graph.initializer, inlineTensor(zero, [], Float32Array.of(0))],
      input: [...graph.input, tensorValue(BASELINE_INPUT, "float32", axes("baseline", rank + 1))],
      node: [
        ...graph.node,
        node("Exp", [BASELINE_INPUT], p),
        node("Sub", [BASELINE_INPUT, LOG_PROBABILITIES], difference),
        node("Mul", [p, difference], products),
        node("Equal", [p, zero], isZero),
        node("Where", [isZero, zero, products], terms),
        node("ReduceSum", [terms, ONE_HOT_AXIS], kl, [{ name: "keepdims", type: 2, i: 0 }]),
        node("Unsqueeze", [LOSS_OUTPUT, ONE_HOT_AXIS], lossColumn),
        node("Unsqueeze", [kl, ONE_HOT_AXIS], klColumn),
        node("Concat", [lossColumn, klColumn], COMPARED_OUTPUT, [lastAxis]),
      ],
    },
  };
}
