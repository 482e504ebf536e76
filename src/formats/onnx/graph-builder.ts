/**
 * @file Builds an ONNX graph node by node. Every call returns the name of the tensor it made, so
 *   that a model reads like the equations it implements.
 */

import { expected } from "../../errors.ts";
import type {
  AttributeProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from "./messages.ts";
import { inlineTensor } from "./tensors.ts";

/** Integers become `int` attributes, other numbers must be wrapped: `{ float: 1 }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface NodeOptions {
  /** Name of the output tensor; made up when left out. */
  readonly output?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

const encoder = new TextEncoder();

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") return { name, type: 3, s: encoder.encode(value) };
  if (typeof value === "number") {
    if (!Number.isInteger(value))
      throw expected(`attribute ${name}`, "an integer, or { float }", value);
    return { name, type: 2, i: value };
  }
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: [...value] };
}

/**
 * Collects nodes, initialisers, inputs and outputs, and checks that every tensor is made before it
 * is read.
 */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #known = new Set<string>();
  #counter = 0;

  /** Declares a graph input and returns its name. */
  input(value: ValueInfoProto): string {
    this.#declare(value.name);
    this.#inputs.push(value);
    return value.name;
  }

  /** Declares that the tensor called `value.name` leaves the graph. */
  output(value: ValueInfoProto): void {
    if (!this.#known.has(value.name))
      throw expected("graph output", "a tensor made before", value.name);
    this.#outputs.push(value);
  }

  /** Adds an initialiser once and returns its name. */
  initializer(tensor: TensorProto): string {
    const name = tensor.name ?? "";
    if (!this.#known.has(name)) {
      this.#declare(name);
      this.#initializers.push(tensor);
    }
    return name;
  }

  /** An int64 vector as a constant, shared between equal ones. */
  ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.initializer(inlineTensor(`ints:${values.join(",")}`, [values.length], data));
  }

  /** An int64 scalar as a constant. */
  int(value: number): string {
    return this.initializer(inlineTensor(`int:${value}`, [], BigInt64Array.of(BigInt(value))));
  }

  /** A float32 scalar as a constant. */
  float(value: number): string {
    return this.initializer(inlineTensor(`float:${value}`, [], Float32Array.of(value)));
  }

  /**
   * Adds a node with one output.
   *
   * @param inputs Names of tensors made before; "" stands for an optional input left out.
   * @returns Name of the output tensor.
   */
  node(opType: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.nodes(
      opType,
      inputs,
      [options.output ?? this.#fresh(opType)],
      options.attributes,
    )[0]!;
  }

  /** Adds a node with the outputs named; an empty name is an optional output not wanted. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): readonly string[] {
    for (const input of inputs)
      if (input !== "" && !this.#known.has(input))
        throw expected(`input of ${opType}`, "a tensor made before", input);
    for (const output of outputs) if (output !== "") this.#declare(output);
    this.#nodes.push({
      opType,
      name: `${opType}:${outputs.find((o) => o !== "")}`,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return outputs;
  }

  /** A made-up tensor name that is not taken. */
  #fresh(opType: string): string {
    return `${opType}#${this.#counter++}`;
  }

  #declare(name: string): void {
    if (this.#known.has(name)) throw expected("tensor name", "a name not used before", name);
    this.#known.add(name);
  }

  /**
   * The finished model.
   *
   * @param opset Version of the standard operator set, at least 20 for `Gelu`.
   */
  finish(name: string, opset: number): ModelProto {
    return {
      irVersion: 10,
      producerName: "concord",
      opsetImport: [{ domain: "", version: opset }],
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
        valueInfo: [],
      },
    };
  }
}
