import { describe, expect, test } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import type { ModelProto, NodeProto, ValueInfoProto } from "./messages.ts";
import {
  dependentsOf,
  exposeOutputs,
  prefixUpTo,
  spliceInput,
  tensorNames,
  valueInfoOf,
} from "./surgery.ts";
import { inlineTensor, tensorValue } from "./tensors.ts";

const value = (name: string) => tensorValue(name, "float32", ["n"]);

/** x and y come in; a = x · w, b = a + y, c = −a, d = −y. b and d leave. */
function model(): ModelProto {
  const builder = new GraphBuilder();
  builder.input(value("x"));
  builder.input(value("y"));
  builder.initializer(inlineTensor("w", [1], Float32Array.of(2)));
  builder.initializer(inlineTensor("unused", [1], Float32Array.of(3)));
  builder.node("Mul", ["x", "w"], { output: "a" });
  builder.node("Add", ["a", "y"], { output: "b" });
  builder.node("Neg", ["a"], { output: "c" });
  builder.node("Neg", ["y"], { output: "d" });
  builder.output(value("b"));
  builder.output({ name: "d" });
  return builder.finish("test", 20);
}

/** The same, and e: a subgraph's sum of a from outside, and of `inner`, which it makes itself. */
function branching(inner = "inner"): ModelProto {
  const whole = model();
  const add = (input: string[], output: string): NodeProto => ({
    opType: "Add",
    input,
    output: [output],
    attribute: [],
  });
  const graph = {
    node: [add(["y", "y"], inner), add(["a", inner], "sum")],
    initializer: [],
    input: [],
    output: [{ name: "sum" }],
    valueInfo: [],
  };
  const branch: NodeProto = {
    opType: "If",
    input: ["x"],
    output: ["e"],
    attribute: [{ name: "then_branch", type: 5, g: graph }],
  };
  return { ...whole, graph: { ...whole.graph, node: [...whole.graph.node, branch] } };
}

const names = (values: readonly { readonly name?: string }[]) => values.map((v) => v.name);
const parts = ({ graph }: ModelProto) => ({
  nodes: graph.node.flatMap((n) => n.output),
  inputs: names(graph.input),
  weights: names(graph.initializer),
  outputs: names(graph.output),
});

describe("the tensors of a model", () => {
  test("are those that its nodes make, in order; optional outputs left out have no name", () => {
    expect(tensorNames(model())).toEqual(["a", "b", "c", "d"]);
    const builder = new GraphBuilder();
    builder.input(value("x"));
    builder.nodes("Dropout", ["x"], ["out", ""]);
    expect(tensorNames(builder.finish("test", 20))).toEqual(["out"]);
  });

  test("depend on what they are made of, directly or not", () => {
    expect([...dependentsOf(model(), ["x"])].sort()).toEqual(["a", "b", "c", "x"]);
    expect([...dependentsOf(model(), ["y"])].sort()).toEqual(["b", "d", "y"]);
    expect([...dependentsOf(model(), ["d"])]).toEqual(["d"]);
  });

  test("depend on what a subgraph reads from outside", () => {
    expect(dependentsOf(branching(), ["a"]).has("e")).toBe(true);
    // This one is hidden in the subgraph by another tensor of the same name.
    expect(dependentsOf(branching("c"), ["c"]).has("e")).toBe(false);
  });

  test("have the type that the model states, if it states one", () => {
    expect(valueInfoOf(model(), "b")).toEqual(value("b"));
    expect(valueInfoOf(model(), "d")).toBeUndefined();
    expect(valueInfoOf(model(), "a")).toBeUndefined();
  });
});

describe("the part that computes a tensor", () => {
  test("has no node, input or weight too many", () => {
    expect(parts(prefixUpTo(model(), ["c"]))).toEqual({
      nodes: ["a", "c"],
      inputs: ["x"],
      weights: ["w"],
      outputs: ["c"],
    });
    expect(parts(prefixUpTo(model(), ["d"]))).toEqual({
      nodes: ["d"],
      inputs: ["y"],
      weights: [],
      outputs: ["d"],
    });
  });

  test("computes several, in the order in which they were asked for", () => {
    const cut = parts(prefixUpTo(model(), ["d", "a"]));
    expect(cut.nodes).toEqual(["a", "d"]);
    expect(cut.outputs).toEqual(["d", "a"]);
  });

  test("can be an input alone", () => {
    expect(parts(prefixUpTo(model(), ["x"]))).toMatchObject({ nodes: [], inputs: ["x"] });
  });

  test("has what its subgraphs read from outside", () => {
    expect(parts(prefixUpTo(branching(), ["e"]))).toMatchObject({
      nodes: ["a", "e"],
      inputs: ["x", "y"],
      weights: ["w"],
    });
  });

  test("declares the type that it is given, else the one that the model states", () => {
    const declared = (outputs: readonly (string | ValueInfoProto)[]) =>
      prefixUpTo(model(), outputs).graph.output;
    expect(declared([value("c")])).toEqual([value("c")]);
    expect(declared(["b", "c"])).toEqual([value("b"), { name: "c" }]);
  });

  test("leaves the model as it was", () => {
    const whole = model();
    prefixUpTo(whole, ["c"]);
    expect(whole).toEqual(model());
  });
});

describe("a tensor handed in from outside", () => {
  test("is read in place of the one that the model makes", () => {
    const spliced = spliceInput(model(), "a", value("new"));
    expect(spliced.graph.node.map((n) => n.input)).toEqual([["x", "w"], ["new", "y"], ["new"], ["y"]]); // biome-ignore format: one line
    expect(parts(prefixUpTo(spliced, ["b"]))).toMatchObject({
      nodes: ["b"],
      inputs: ["y", "new"],
      weights: [],
    });
  });

  test("is read in subgraphs, too, but not in place of a tensor of their own", () => {
    const graphOf = (whole: ModelProto) => whole.graph.node.at(-1)!.attribute[0]!.g!;
    const spliced = graphOf(spliceInput(branching(), "a", value("new")));
    expect(spliced.node.map((n) => n.input)).toEqual([["y", "y"], ["new", "inner"]]); // biome-ignore format: one line
    const own = branching("d");
    const graph = { ...own.graph, node: own.graph.node.slice() };
    graph.node.push({ opType: "Neg", input: ["d"], output: ["f"], attribute: [] });
    const kept = spliceInput({ ...own, graph }, "d", value("new")).graph.node;
    expect(kept.at(-2)!.attribute[0]!.g!.node[1]!.input).toEqual(["a", "d"]);
    expect(kept.at(-1)!.input).toEqual(["new"]);
  });

  test("leaves the model as it was", () => {
    const whole = branching();
    spliceInput(whole, "a", value("new"));
    expect(whole).toEqual(branching());
  });
});

test("a tensor that is made in a subgraph cannot be reached by its name", () => {
  const missing = expect.objectContaining({ code: "hook/missing" });
  expect(() => prefixUpTo(branching(), ["sum"])).toThrow(missing);
  expect(() => exposeOutputs(branching(), ["inner"])).toThrow(missing);
});
