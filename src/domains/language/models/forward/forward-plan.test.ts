import { expect, test } from "vitest";
import { planForward } from "./forward-plan.ts";
import type { RecordedStep } from "./recorded-step.ts";

const linear = (out: string, a: string, width: number): RecordedStep => ({
  kind: "linear",
  out,
  a,
  weight: out,
  transposed: true,
  inputs: 1,
  width,
});
const add = (out: string, a: string, b: string): RecordedStep => ({ kind: "add", out, a, b });
const attend = (out: string, x: string): RecordedStep => ({
  kind: "attention",
  out,
  q: x,
  k: x,
  v: x,
  heads: 1,
  keyHeads: 1,
  scale: 1,
  cap: 0,
  window: 0,
});

/** x → hidden → y, then attention z, and the sum of x and z. */
const STEPS: readonly RecordedStep[] = [
  { kind: "embed", out: "x", table: "table", width: 4, scale: 1 },
  linear("hidden", "x", 8),
  { kind: "activate", out: "active", a: "hidden", activation: 0 },
  linear("y", "active", 4),
  attend("z", "y"),
  add("sum", "x", "z"),
  linear("beyond", "sum", 8),
];

const planOf = (...wanted: string[]) => planForward(STEPS, wanted);

test("a plan holds the steps that the wanted tensors need, in their order", () => {
  expect(planOf("hidden").steps.map(({ out }) => out)).toEqual(["x", "hidden"]);
  const all = ["x", "hidden", "active", "y", "z", "sum"];
  expect(planOf("sum").steps.map(({ out }) => out)).toEqual(all);
});

test("a buffer serves another tensor once nothing reads the one before", () => {
  const { buffers, places } = planOf("beyond");
  const at = (tensor: string) => places.get(tensor)!;
  expect(at("active")).toBe(at("hidden"));
  expect(new Set([at("x"), at("y"), at("z"), at("sum")]).size).toBe(4);
  expect(buffers[at("beyond")]).toEqual({ width: 8, isBrief: true, wanted: 0 });
});

test("only what no attention separates from its readers is brief", () => {
  const { buffers, places } = planOf("beyond");
  const isBrief = (tensor: string) => buffers[places.get(tensor)!]!.isBrief;
  expect([...places.keys()].filter(isBrief)).toEqual(["hidden", "active", "sum", "beyond"]);
});

test("a wanted tensor keeps its buffer for itself", () => {
  const { buffers, places } = planOf("sum", "hidden", "x");
  const own = ["sum", "hidden", "x"].map((tensor) => places.get(tensor)!);
  expect(own.map((b) => buffers[b]!.wanted)).toEqual([0, 1, 2]);
  for (const [tensor, place] of places)
    if (!["sum", "hidden", "x"].includes(tensor)) expect(own).not.toContain(place);
});

test("a tensor that no step makes is named", () => {
  expect(() => planOf("logits")).toThrow('The native engine does not compute "logits".');
});
