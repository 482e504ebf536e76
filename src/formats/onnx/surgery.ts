/**
 * @file Graph surgery. It finds the tensors that a model has, and the part that computes some of
 *   them. It also makes the same model with one tensor handed in from outside. All functions return
 *   a new model that shares nodes and weights with the old one.
 *
 * Cutting goes backwards from the wanted tensors, as `onnx.utils.extract_model` does. Tensors that
 * subgraphs (`If`, `Loop`) read from the outside count as inputs of their node; tensors made inside
 * a subgraph cannot be reached by name.
 */

import { ConcordError } from "../../errors.ts";
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "./messages.ts";

function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((a) => [...(a.g ? [a.g] : []), ...(a.graphs ?? [])]);
}

/** Names defined inside a graph itself. */
function definedIn(graph: GraphProto): Set<string> {
  const names = new Set<string>();
  for (const value of graph.input) names.add(value.name);
  for (const tensor of graph.initializer) names.add(tensor.name ?? "");
  for (const node of graph.node) for (const output of node.output) names.add(output);
  return names;
}

/** Everything a node reads: its inputs, and what its subgraphs capture from outside. */
function reads(node: NodeProto): string[] {
  const names = node.input.filter((name) => name !== "");
  for (const graph of subgraphs(node)) {
    const own = definedIn(graph);
    const inner = [...graph.node.flatMap(reads), ...graph.output.map((o) => o.name)];
    names.push(...inner.filter((name) => !own.has(name)));
  }
  return names;
}

/** Names of all tensors that nodes of the main graph make, in graph order. */
export function tensorNames(model: ModelProto): string[] {
  return model.graph.node.flatMap((node) => node.output.filter((name) => name !== ""));
}

/**
 * Names of all tensors that depend on one of these, directly or not; the names themselves are among
 * them.
 */
export function dependentsOf(model: ModelProto, tensors: readonly string[]): Set<string> {
  const dependent = new Set(tensors);
  for (const node of model.graph.node)
    if (reads(node).some((name) => dependent.has(name)))
      for (const output of node.output) if (output !== "") dependent.add(output);
  return dependent;
}

/** The declared type and shape of a tensor, where the model states one. */
export function valueInfoOf(model: ModelProto, tensor: string): ValueInfoProto | undefined {
  const { input, output, valueInfo } = model.graph;
  return [...input, ...output, ...valueInfo].find((v) => v.name === tensor && v.type?.tensorType);
}

function requireTensor(model: ModelProto, tensor: string): void {
  const { graph } = model;
  const made = graph.node.some((node) => node.output.includes(tensor));
  if (!made && !graph.input.some((v) => v.name === tensor))
    throw new ConcordError("hook/missing", `The model has no tensor called "${tensor}".`);
}

/**
 * The smallest model that computes `outputs`: only the nodes, weights and inputs that they depend
 * on.
 *
 * @param outputs Names of tensors, or values where a type should be declared.
 * @throws {ConcordError} `hook/missing` when a tensor does not exist.
 */
export function prefixUpTo(
  model: ModelProto,
  outputs: readonly (string | ValueInfoProto)[],
): ModelProto {
  const { graph } = model;
  const values = outputs.map((o) =>
    typeof o === "string" ? (valueInfoOf(model, o) ?? { name: o }) : o,
  );
  const producer = new Map<string, number>();
  graph.node.forEach((node, index) => {
    for (const output of node.output) if (output !== "") producer.set(output, index);
  });
  const needed = new Set<string>();
  const kept = new Set<number>();
  const pending = values.map((v) => v.name);
  for (const name of pending) requireTensor(model, name);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const index = producer.get(name);
    if (index === undefined || kept.has(index)) continue;
    kept.add(index);
    pending.push(...reads(graph.node[index]!));
  }
  const isNeeded = (value: { name?: string }) => needed.has(value.name ?? "");
  return {
    ...model,
    graph: {
      ...graph,
      node: graph.node.filter((_, index) => kept.has(index)),
      initializer: graph.initializer.filter(isNeeded),
      sparseInitializer: (graph.sparseInitializer ?? []).filter((t) => isNeeded(t.values)),
      input: graph.input.filter(isNeeded),
      output: values,
      valueInfo: graph.valueInfo.filter(isNeeded),
    },
  };
}

/**
 * The same model with further tensors leaving it. Runs everything; to stop early use
 * {@link prefixUpTo}.
 */
export function exposeOutputs(model: ModelProto, tensors: readonly string[]): ModelProto {
  const present = new Set(model.graph.output.map((o) => o.name));
  for (const tensor of tensors) requireTensor(model, tensor);
  const added = tensors
    .filter((t) => !present.has(t))
    .map((t) => valueInfoOf(model, t) ?? { name: t });
  return { ...model, graph: { ...model.graph, output: [...model.graph.output, ...added] } };
}

function renamedReads(node: NodeProto, from: string, to: string): NodeProto {
  if (!reads(node).includes(from)) return node;
  return {
    ...node,
    input: node.input.map((name) => (name === from ? to : name)),
    attribute: node.attribute.map((a) => ({
      ...a,
      ...(a.g ? { g: renamedInGraph(a.g, from, to) } : {}),
      ...(a.graphs?.length ? { graphs: a.graphs.map((g) => renamedInGraph(g, from, to)) } : {}),
    })),
  };
}

function renamedInGraph(graph: GraphProto, from: string, to: string): GraphProto {
  if (definedIn(graph).has(from)) return graph;
  return {
    ...graph,
    node: graph.node.map((node) => renamedReads(node, from, to)),
    output: graph.output.map((o) => (o.name === from ? { ...o, name: to } : o)),
  };
}

/**
 * The same model in which every consumer of `tensor` reads the new input `replacement` instead. Cut
 * the result with {@link prefixUpTo} to drop what only computed `tensor`.
 *
 * @throws {ConcordError} `hook/missing` when nothing makes or reads `tensor`.
 */
export function spliceInput(
  model: ModelProto,
  tensor: string,
  replacement: ValueInfoProto,
): ModelProto {
  requireTensor(model, tensor);
  const node = model.graph.node.map((n) => renamedReads(n, tensor, replacement.name));
  if (node.every((n, i) => n === model.graph.node[i]))
    throw new ConcordError(
      "hook/missing",
      `Nothing in the model reads "${tensor}", so nothing can be spliced in there.`,
    );
  return {
    ...model,
    graph: { ...model.graph, node, input: [...model.graph.input, replacement] },
  };
}
