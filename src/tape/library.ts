/** @file What a program needs to record operations: the tape, all operations, and Adam. */

export { Adam, type AdamSettings, type AdamStep } from "./adam.ts";
export { TapeMemory } from "./memory.ts";
export * from "./ops/activations.ts";
export * from "./ops/arithmetic.ts";
export { attention } from "./ops/attention.ts";
export * from "./ops/batch-norm.ts";
export * from "./ops/convolution.ts";
export * from "./ops/gather.ts";
export * from "./ops/layer-norm.ts";
export * from "./ops/losses.ts";
export { linear, type MatmulOptions, matmul } from "./ops/matmul.ts";
export * from "./ops/pointwise.ts";
export * from "./ops/pooling.ts";
export * from "./ops/reductions.ts";
export * from "./ops/shape.ts";
export { softmax } from "./ops/softmax.ts";
export * from "./ops/top-k.ts";
export * from "./ops/unit-rows.ts";
export { type Operation, Tape, type TapeMode } from "./tape.ts";
export { Gradient, TapeTensor } from "./tensor.ts";
