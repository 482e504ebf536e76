import { expect, test } from "vitest";
import { type JudgedMember, type ResultFacts, resultWarnings } from "./result-warnings.ts";

const member = (change: Partial<JudgedMember> = {}): JudgedMember => ({
  name: "member-0",
  architecture: "topk",
  lr: 0.001,
  latents: 64,
  trainingFvu: [1.2, 0.2],
  ...change,
  metrics: {
    fvu: 0.3,
    explained_variance: 0.7,
    mse: 1,
    l0: 4,
    dead_fraction: 0,
    ...change.metrics,
  },
});

const facts = (change: Partial<ResultFacts> = {}): ResultFacts => ({
  heldOutRows: 1000,
  variance: 1,
  meanSquare: 4,
  trainingRows: 9000,
  batch: 512,
  members: [member()],
  ...change,
});

const codes = (change: Partial<ResultFacts>) => resultWarnings(facts(change)).map((w) => w.code);

test("good results are not doubted, nor those of a source without end", () => {
  expect(resultWarnings(facts())).toEqual([]);
  expect(resultWarnings(facts({ trainingRows: undefined }))).toEqual([]);
});

const NAN = { fvu: Number.NaN, explained_variance: Number.NaN };

test.each<[string, Partial<ResultFacts>, string[]]>([
  ["constant rows", { variance: 0, members: [member({ metrics: NAN })] }, ["constant_data"]],
  ["one held-out row", { variance: 0, heldOutRows: 1 }, ["constant_data"]],
  ["constant batches", { members: [member({ trainingFvu: [undefined, undefined] })] }, ["constant_data"]], // biome-ignore format: one line
  ["rows that hardly vary", { variance: 1e-14, meanSquare: 0, members: [member({ metrics: { fvu: 1e5 } })] }, ["tiny_variance", "fvu_above_one"]], // biome-ignore format: one line
  ["a mean that hides what varies", { meanSquare: 1e10 }, ["large_offset"]],
  ["fewer rows than a batch", { trainingRows: 10 }, ["few_rows"]],
  ["an infinity", { members: [member({ metrics: { mse: Number.POSITIVE_INFINITY } })] }, ["not_finite"]], // biome-ignore format: one line
  ["null, as JSON has it", { members: [member({ metrics: { mse: null as never } })] }, ["not_finite"]], // biome-ignore format: one line
  ["FVU above 1", { members: [member({ metrics: { fvu: 1.5 } })] }, ["fvu_above_one"]],
  ["worse from step to step", { members: [member({ trainingFvu: [0.2, 0.9] })] }, ["training_got_worse"]], // biome-ignore format: one line
  ["all latents dead", { members: [member({ metrics: { dead_fraction: 1, l0: 0 } })] }, ["dead_latents"]], // biome-ignore format: one line
  ["most latents dead", { members: [member({ metrics: { dead_fraction: 0.95 } })] }, ["dead_latents"]], // biome-ignore format: one line
  ["too few rows to tell", { heldOutRows: 50, members: [member({ metrics: { dead_fraction: 0.95 } })] }, []], // biome-ignore format: one line
])("%s", (_, change, expected) => {
  expect(codes(change)).toEqual(expected);
});

test.each<[string, Partial<ResultFacts>, JudgedMember["trainingFvu"], RegExp]>([
  ["a rate too high", {}, [1.2, 4e5], /the learning rate \(0\.001\) is too high/],
  ["training too short", {}, [5, 1.4], /training was too short/],
  ["held-out rows of another kind", {}, [1.2, 0.3], /unlike the training rows/],
  ["too few rows", { trainingRows: 10 }, [1.2, 0.3], /too few training rows/],
  ["the scale", { variance: 1e-14 }, [1.2, 4e5], /scale of the activations/],
])("FVU above 1 has a likely cause: %s", (_, change, trainingFvu, cause) => {
  const members = [member({ trainingFvu, metrics: { fvu: 1.5 } })];
  const found = resultWarnings(facts({ ...change, members }));
  expect(found.find((w) => w.code === "fvu_above_one")!.message).toMatch(cause);
});

test("members with one fault and one cause share a line, and are named", () => {
  const bad = { trainingFvu: [1, 9] as const, metrics: { fvu: 8 } };
  const members = [..."abcdefg"].map((name) => member({ name, ...(name === "g" ? {} : bad) }));
  const [only, ...more] = resultWarnings(facts({ members }));
  expect(more).toEqual([]);
  expect(only!.members).toEqual([..."abcdef"]);
  expect(only!.message).toContain("a, b, c, d and 2 more");
});
