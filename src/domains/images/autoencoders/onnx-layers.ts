/** @file Layers as nodes of an ONNX graph, with weights that the tape has learnt. */

import { elementCount } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../formats/onnx/graph-builder.ts";
import { inlineTensor } from "../../../formats/onnx/tensors.ts";
import type { ConvolutionSettings, Layers } from "./layers.ts";
import { outputPaddingOf } from "./tape-layers.ts";

/** Learnt numbers by name, laid out as on the tape. */
export type NamedWeights = ReadonlyMap<string, Float32Array>;

/** A tensor of the graph; its shape is that of one picture's. */
export interface GraphTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The four axes of images in the order of ONNX, and back. */
const CHANNELS_FIRST = [0, 3, 1, 2] as const;
const CHANNELS_LAST = [0, 2, 3, 1] as const;

/**
 * Adds layers to a graph. Images have their channels last between layers, as on the tape;
 * onnxruntime removes pairs of transpositions.
 */
export class OnnxLayers implements Layers<GraphTensor> {
  readonly #graph: GraphBuilder;
  readonly #weights: NamedWeights;

  constructor(graph: GraphBuilder, weights: NamedWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  shapeOf({ shape }: GraphTensor): readonly number[] {
    return shape;
  }

  /** Images with channels first as ones with channels last. */
  channelsLast(name: string, shape: readonly number[]): GraphTensor {
    return { name: this.#transpose(name, CHANNELS_LAST), shape };
  }

  linear(x: GraphTensor, name: string, to: number): GraphTensor {
    const from = x.shape.at(-1)!;
    const weights = this.#reordered(`${name}.weight`, [to, from], [1, 0]);
    const product = this.#graph.node("MatMul", [x.name, weights]);
    const sum = this.#graph.node("Add", [product, this.#plain(`${name}.bias`, [to])]);
    return { name: sum, shape: [...x.shape.slice(0, -1), to] };
  }

  convolution(x: GraphTensor, name: string, settings: ConvolutionSettings): GraphTensor {
    const { filters, kernel, stride, padding } = settings;
    const [height, width, channels] = x.shape as [number, number, number];
    const weights = [kernel, kernel, channels, filters];
    const side = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const shape = [side(height), side(width), filters];
    return this.#convolved("Conv", x, name, weights, shape, settings, {});
  }

  transposedConvolution(x: GraphTensor, name: string, settings: ConvolutionSettings): GraphTensor {
    const { filters, kernel, stride } = settings;
    const [height, width, channels] = x.shape as [number, number, number];
    const weights = [kernel, kernel, filters, channels];
    const shape = [height * stride, width * stride, filters];
    const output = outputPaddingOf(settings);
    const more = { output_padding: [output, output] };
    return this.#convolved("ConvTranspose", x, name, weights, shape, settings, more);
  }

  relu(x: GraphTensor): GraphTensor {
    return { ...x, name: this.#graph.node("Relu", [x.name]) };
  }

  gelu(x: GraphTensor): GraphTensor {
    return { ...x, name: this.#graph.node("Gelu", [x.name]) };
  }

  layerNorm(x: GraphTensor, name: string): GraphTensor {
    const columns = [x.shape.at(-1)!];
    const inputs = [
      x.name,
      this.#plain(`${name}.weight`, columns),
      this.#plain(`${name}.bias`, columns),
    ];
    const attributes = { axis: -1, epsilon: { float: 1e-5 } };
    return { ...x, name: this.#graph.node("LayerNormalization", inputs, { attributes }) };
  }

  add(x: GraphTensor, y: GraphTensor): GraphTensor {
    return { ...x, name: this.#graph.node("Add", [x.name, y.name]) };
  }

  addLearnt(x: GraphTensor, name: string): GraphTensor {
    return { ...x, name: this.#graph.node("Add", [x.name, this.#plain(name, x.shape)]) };
  }

  attention(q: GraphTensor, k: GraphTensor, v: GraphTensor, heads: number): GraphTensor {
    const [tokens, width] = q.shape as [number, number];
    const graph = this.#graph;
    const each = width / heads;
    const split = ({ name }: GraphTensor, order: readonly number[]) =>
      this.#transpose(this.#reshaped(name, [tokens, heads, each]), order);
    const product = graph.node("MatMul", [split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1])]);
    const scores = graph.node("Mul", [product, graph.float(1 / Math.sqrt(each))]);
    const shares = graph.node("Softmax", [scores], { attributes: { axis: -1 } });
    const mixed = graph.node("MatMul", [shares, split(v, [0, 2, 1, 3])]);
    const joined = this.#reshaped(this.#transpose(mixed, [0, 2, 1, 3]), [tokens, width]);
    return { name: joined, shape: q.shape };
  }

  reshape(x: GraphTensor, shape: readonly number[]): GraphTensor {
    return { name: this.#reshaped(x.name, shape), shape };
  }

  #convolved(
    kind: string,
    x: GraphTensor,
    name: string,
    weights: readonly number[],
    shape: readonly number[],
    { filters, kernel, stride, padding }: ConvolutionSettings,
    more: Readonly<Record<string, readonly number[]>>,
  ): GraphTensor {
    const inputs = [
      this.#transpose(x.name, CHANNELS_FIRST),
      this.#reordered(`${name}.weight`, weights, [3, 2, 0, 1]),
      this.#plain(`${name}.bias`, [filters]),
    ];
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      ...more,
    };
    const convolved = this.#graph.node(kind, inputs, { attributes });
    return { name: this.#transpose(convolved, CHANNELS_LAST), shape };
  }

  #transpose(name: string, perm: readonly number[]): string {
    return this.#graph.node("Transpose", [name], { attributes: { perm } });
  }

  #reshaped(name: string, shape: readonly number[]): string {
    return this.#graph.node("Reshape", [name, this.#graph.ints([-1, ...shape])]);
  }

  #plain(name: string, shape: readonly number[]): string {
    return this.#graph.initializer(inlineTensor(name, shape, this.#weights.get(name)!));
  }

  /** Weights whose axes ONNX has in another order: its axis i is our axis `order[i]`. */
  #reordered(name: string, shape: readonly number[], order: readonly number[]): string {
    const from = this.#weights.get(name)!;
    const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
    const to = order.map((axis) => shape[axis]!);
    const data = new Float32Array(from.length);
    const at = to.map(() => 0);
    for (let i = 0; i < data.length; i++) {
      data[i] = from[order.reduce((sum, axis, j) => sum + at[j]! * strides[axis]!, 0)]!;
      for (let j = at.length - 1; j >= 0 && ++at[j]! === to[j]!; j--) at[j] = 0;
    }
    return this.#graph.initializer(inlineTensor(name, to, data));
  }
}
