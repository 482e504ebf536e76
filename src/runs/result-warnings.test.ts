import { describe, expect, test } from "vitest";
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

const messages = (change: Partial<ResultFacts>) =>
  resultWarnings(facts(change)).map((w) => w.message);

describe("what a warning says", () => {
  test.each<[string, Partial<ResultFacts>, string]>([
    [
      "one held-out row is not taken for constant data",
      { variance: 0, heldOutRows: 1 },
      "Keep more rows with source.held_out_rows.",
    ],
    [
      "batches of one row have no variance",
      { batch: 1, members: [member({ trainingFvu: [undefined, undefined] })] },
      "A batch of one row has no variance: FVU while training has no meaning.",
    ],
    [
      "the standard deviation of a component, not its variance",
      { variance: 4e-10, meanSquare: 0 },
      "The rows vary by 0.00002 only",
    ],
    [
      "how far the mean is, in standard deviations",
      { variance: 4, meanSquare: 4e10 },
      "The mean of the rows is 100000 times their standard deviation",
    ],
    [
      "how many rows are repeated",
      { trainingRows: 10 },
      "Every batch of 512 rows repeats the same 10 training rows",
    ],
    [
      "which metrics are not finite",
      { members: [member({ metrics: { mse: Number.NaN, l1: Number.NaN } })] },
      "Not a finite number: mse, l1 of member-0, likely because the learning rate (0.001)",
    ],
  ])("%s", (_, change, text) => {
    expect(messages(change)[0]).toContain(text);
  });

  test("learning rates that differ are not given as one", () => {
    const bad = { trainingFvu: [1, 9] as const, metrics: { fvu: 8 } };
    const both = (lr: number) => [member({ name: "a", ...bad }), member({ name: "b", ...bad, lr })];
    expect(messages({ members: both(0.001) })[0]).toContain("the learning rate (0.001) is");
    expect(messages({ members: both(0.002) })[0]).toContain("the learning rate is");
  });

  test("all members are not listed one by one, a single one is named", () => {
    const dead = { metrics: { dead_fraction: 1, l0: 0 } };
    const all = [..."abc"].map((name) => member({ name, ...dead }));
    expect(messages({ members: all })[0]).toContain("on held-out rows: all 3 members,");
    expect(messages({ members: [all[0]!] })[0]).toContain("on held-out rows: a,");
  });

  test("a penalty is named for architectures that have one", () => {
    const dead = { metrics: { dead_fraction: 1, l0: 0 } };
    const said = (architecture: string) =>
      messages({ members: [member({ architecture, ...dead })] })[0];
    expect(said("relu")).toMatch(/the learning rate \(0\.001\) or \w+ is too high/);
    expect(said("topk")).toContain("the learning rate (0.001) is too high");
  });

  test("members with one fault and several causes have a line for each cause", () => {
    const members = [
      member({ name: "a", trainingFvu: [1.2, 4], metrics: { fvu: 8 } }),
      member({ name: "b", trainingFvu: [5, 1.4], metrics: { fvu: 1.3 } }),
    ];
    const found = resultWarnings(facts({ members }));
    expect(found.map((w) => [w.code, w.members])).toEqual([
      ["fvu_above_one", ["a"]],
      ["fvu_above_one", ["b"]],
    ]);
  });
});

describe("what lies on the line is not doubted", () => {
  test.each<[string, Partial<ResultFacts>]>([
    ["a batch of all rows", { trainingRows: 512 }],
    ["FVU of exactly 1", { members: [member({ metrics: { fvu: 1 } })] }],
    ["FVU of batches that grew by a half", { members: [member({ trainingFvu: [0.2, 0.3] })] }],
    ["a first batch without FVU", { members: [member({ trainingFvu: [undefined, 0.9] })] }],
    ["a mean of ten thousand standard deviations", { variance: 1, meanSquare: 1e8 }],
    ["less than nine tenths dead", { members: [member({ metrics: { dead_fraction: 0.89 } })] }],
  ])("%s", (_, change) => {
    expect(codes(change)).toEqual([]);
  });

  test("dead latents are judged from ten activations a latent on", () => {
    const members = [member({ latents: 64, metrics: { dead_fraction: 0.95, l0: 4 } })];
    expect(codes({ heldOutRows: 160, members })).toEqual(["dead_latents"]);
    expect(codes({ heldOutRows: 159, members })).toEqual([]);
  });
});
