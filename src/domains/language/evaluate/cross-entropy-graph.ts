/** @file Adds next-token cross-entropy to a graph, so that logits never leave the runtime. */

import type { ModelProto } from "../../../formats/onnx/messages.ts";
import { inlineTensor, tensorValue } from "../../../formats/onnx/tensors.ts";

/** Graph input with the token that each position should predict. */
export const TARGET_INPUT = "concord_targets";
/** Output: −log softmax(logits)[target] in nats, shaped as the targets. */
export const LOSS_OUTPUT = "concord_cross_entropy";

const ONE_HOT_AXIS = "concord_last_axis";
const LOG_PROBABILITIES = "concord_log_probabilities";
const TARGET_COLUMN = "concord_target_column";
const PICKED = "concord_picked";
const PICKED_FLAT = "concord_picked_flat";

/**
 * The model with {@link TARGET_INPUT} and {@link LOSS_OUTPUT} added.
 *
 * @param logits Name of the tensor [..., vocabulary].
 * @param rank   Rank of the targets: that of the logits less one.
 */
export function withCrossEntropy(model: ModelProto, logits: string, rank: number): ModelProto {
  const { graph } = model;
  const lastAxis = { name: "axis", type: 2, i: -1 };
  const node = (
    opType: string,
    input: string[],
    output: string,
    attribute: (typeof lastAxis)[] = [],
  ) => ({ opType, name: output, input, output: [output], attribute });
  return {
    ...model,
    graph: {
      ...graph,
      initializer: [...graph.initializer, inlineTensor(ONE_HOT_AXIS, [1], BigInt64Array.of(-1n))],
      input: [
        ...graph.input,
        tensorValue(
          TARGET_INPUT,
          "int64",
          Array.from({ length: rank }, (_, i) => `target_${i}`),
        ),
      ],
      node: [
        ...graph.node,
        node("LogSoftmax", [logits], LOG_PROBABILITIES, [lastAxis]),
        node("Unsqueeze", [TARGET_INPUT, ONE_HOT_AXIS], TARGET_COLUMN),
        node("GatherElements", [LOG_PROBABILITIES, TARGET_COLUMN], PICKED, [lastAxis]),
        node("Squeeze", [PICKED, ONE_HOT_AXIS], PICKED_FLAT),
        node("Neg", [PICKED_FLAT], LOSS_OUTPUT),
      ],
    },
  };
}
