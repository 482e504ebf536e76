import { describe, expect, test } from "vitest";
import { parseConfig } from "./load-config.ts";
import { plannedMembers, unheardKeys } from "./members.ts";

/** The members of a config with this `population`, for activations of width 16 and 1000 steps. */
function membersOf(population: string, seed = 5) {
  const config = populationOf(population, seed);
  return plannedMembers(config, { dIn: 16, seed, totalSteps: 1000 });
}

function populationOf(population: string, seed = 5) {
  const text = `
name: test
seed: ${seed}
source: { kind: synthetic, d_in: 16 }
population: ${population}
training: { steps: 1000 }
`;
  const [run] = parseConfig(text, "test.yaml");
  return run!.config.population;
}

/** AuxK of a member; undefined where it is off. */
function auxOf({ options }: ReturnType<typeof membersOf>[0]) {
  return options["auxK"] === false ? undefined : (options["auxK"] as Record<string, number>);
}

describe("the members of a population", () => {
  test("are `members` of each combination of listed values, the last key varying fastest", () => {
    const members = membersOf(
      "{ members: 2, architecture: topk_tied, d_sae: [32, 64], k: [2, 3, 4] }",
    );
    expect(members.map((m) => [m.dSae, m.options["k"]])).toEqual(
      [32, 64].flatMap((d) => [2, 3, 4].flatMap((k) => [0, 1].map(() => [d, k]))),
    );
    expect(members.map((m) => m.name)).toEqual(members.map((_, i) => `member-${i}`));
    expect(members[3]!.label).toEqual({ d_sae: 32, k: 3 });
  });

  test("count seeds up from the run's, alike in every combination, or from their own", () => {
    const seeds = (population: string) => membersOf(population).map((m) => m.seed);
    expect(seeds("{ members: 3, d_sae: 32, lr: [0.1, 0.2] }")).toEqual([5, 6, 7, 5, 6, 7]);
    expect(seeds("{ members: 2, d_sae: 32, seed: 40 }")).toEqual([40, 41]);
    expect(seeds("{ members: 2, independent: 2, d_sae: 32 }")).toEqual([5, 6, 7, 8]);
    expect(seeds("{ members: 3, d_sae: 32, overrides: [{ seed: 1 }, { seed: 9 }] }")).toEqual([
      1, 9, 7,
    ]);
  });

  test("are changed one by one by overrides", () => {
    const [a, b, c] = membersOf(
      "{ members: 3, d_sae: 32, k: 4, lr: 0.1, overrides: [{}, { k: 8, lr: 0.2, name: wide, d_sae: 64 }] }",
    );
    for (const m of [a!, c!]) {
      expect(m).toMatchObject({ dSae: 32, label: {} });
      expect(m.lr).toBe(0.1);
    }
    expect(b).toMatchObject({ name: "wide", dSae: 64, options: { k: 8 } });
    expect(b!.lr).toBe(0.2);
    expect(b!.label).toEqual({ k: 8, lr: 0.2, name: "wide", d_sae: 64 });
  });

  test("start from saved SAEs by list and by override, or from nothing", () => {
    const from = (population: string) => membersOf(population).map((m) => m.initFrom);
    expect(from("{ members: 2, d_sae: 32 }")).toEqual([undefined, undefined]);
    expect(from("{ d_sae: 32, init_from: [a, b, false] }")).toEqual(["a", "b", undefined]);
    expect(
      from("{ members: 3, d_sae: 32, init_from: a, overrides: [{ init_from: false }, {}] }"),
    ).toEqual([undefined, "a", "a"]);
    expect(membersOf("{ d_sae: 32, init_from: [a, b] }")[1]!.label).toEqual({ init_from: "b" });
  });

  test.each([
    ["architecture: [topk, relu]", (m: ReturnType<typeof membersOf>[0]) => m.architecture.name],
    ["k: [2, 3]", (m) => m.options["k"]],
    ["lr: [0.1, 0.2]", (m) => m.lr],
    ["beta1: [0.8, 0.9]", (m) => m.adam.beta1],
    ["beta2: [0.99, 0.999]", (m) => m.adam.beta2],
    ["eps: [1.0e-8, 1.0e-6]", (m) => m.adam.eps],
    ["warmup_steps: [0, 10]", (m) => m.schedule.warmupSteps],
    ["decay_fraction: [0.1, 0.25]", (m) => m.schedule.decayStart],
    ["decoder_bias: [none, mean]", (m) => m.options["decoderBias"]],
    ["weight_init: [orthogonal, xavier_uniform]", (m) => m.options["weightInit"]],
    ["clip_norm: [false, 2]", (m) => m.options["clipNorm"]],
    ["aux_k: [false, { coefficient: 0.5 }]", (m) => auxOf(m)?.["coefficient"]],
    ["aux_k: { coefficient: [0.1, 0.2] }", (m) => auxOf(m)?.["coefficient"]],
    ["aux_k: { k_aux: [3, 4], coefficient: 0.3 }", (m) => auxOf(m)?.["kAux"]],
    ["aux_k: { dead_after_tokens: [100, 200] }", (m) => auxOf(m)?.["deadAfterTokens"]],
  ] satisfies readonly (readonly [string, (m: ReturnType<typeof membersOf>[0]) => unknown])[])(
    "make a grid of %s",
    (listed, value) => {
      const members = membersOf(`{ d_sae: 32, ${listed} }`);
      expect(members.length).toBe(2);
      expect(value(members[0]!)).not.toEqual(value(members[1]!));
    },
  );

  test("have a setting: what they differ in besides seeds and names, defaults filled in", () => {
    const settings = (population: string) => membersOf(population).map((m) => m.setting);
    const [two, four] = [{ k: 2 }, { k: 4 }];
    expect(settings("{ members: 2, d_sae: 64, k: [2, 4] }")).toEqual([two, two, four, four]);
    expect(settings("{ members: 2, independent: 1, d_sae: 64 }")).toEqual([{}, {}, {}]);
    expect(settings("{ members: 2, d_sae: 64, overrides: [{ seed: 9, name: x }] }")).toEqual([
      {},
      {},
    ]);
    // The other member has the default, and an equal value is not a difference.
    expect(settings("{ members: 2, d_sae: 64, lr: 0.1, overrides: [{ k: 8, lr: 0.1 }] }")).toEqual([
      { k: 8 },
      { k: 32 },
    ]);
    // An architecture has no value for what it does not listen to.
    expect(settings("{ d_sae: 64, architecture: [topk, relu], k: [2, 4] }")).toEqual([
      { architecture: "topk", k: 2 },
      { architecture: "topk", k: 4 },
      { architecture: "relu" },
      { architecture: "relu" },
    ]);
    expect(settings("{ d_sae: 64, aux_k: { coefficient: [0.1, 0.2] } }")).toEqual([
      { "aux_k.coefficient": 0.1 },
      { "aux_k.coefficient": 0.2 },
    ]);
    expect(settings("{ d_sae: 64, aux_k: [false, { k_aux: 3 }] }")).toEqual([
      { aux_k: false },
      { aux_k: { coefficient: 1 / 32, k_aux: 3, dead_after_tokens: 10_000_000 } },
    ]);
  });

  test("make a grid of l1, and of everything at once", () => {
    expect(
      membersOf("{ architecture: relu, d_sae: 32, l1: [1.0e-3, 2.0e-3] }").map(
        (m) => m.options["l1"],
      ),
    ).toEqual([1e-3, 2e-3]);
    const aux = "{ k_aux: [2, 3], coefficient: [0.1, 0.2] }";
    expect(membersOf(`{ d_sae: [32, 64], aux_k: [false, ${aux}] }`).length).toBe(2 * 5);
  });

  test("learn at 2e-4 / √(d_sae / 2¹⁴) when TopK is given no rate, and decay over the last steps", () => {
    const [narrow, wide] = membersOf("{ d_sae: [1024, 16384], decay_fraction: 0.2 }");
    expect(narrow!.lr).toBeCloseTo(8e-4, 12);
    expect(wide!.lr).toBeCloseTo(2e-4, 12);
    expect(narrow!.schedule).toEqual({ warmupSteps: 0, decayStart: 800 });
  });

  test.each([
    ["{ members: 1, d_sae: 32, overrides: [{}, {}] }", /2 entries for 1 members/],
    ["{ members: 2, d_sae: 32, overrides: [{ name: a }, { name: a }] }", /the name a to two/],
    ["{ members: 2, d_sae: 32, overrides: [{ name: member-1 }] }", /the name member-1 to two/],
    ["{ d_sae: 32, k: 33 }", /^Expected an integer from 1 to d_sae \(32\) for k but received 33/],
    ["{ architecture: relu, d_sae: 32, aux_k: {} }", /AuxK belongs to TopK/],
  ])("refuse %s", (population, message) => {
    expect(() => membersOf(population)).toThrow(message);
  });

  test.each([
    ["{ d_sae: 32, architecture: relu, k: 4 }", ["population.k means nothing to relu."]],
    [
      "{ d_sae: 32, architecture: [topk, topk_tied], l1: 1 }",
      ["population.l1 means nothing to topk, topk_tied."],
    ],
    ["{ d_sae: 32, architecture: [topk, relu], k: 4, l1: 1 }", []],
    ["{ d_sae: 32 }", []],
  ])("of %s, keys that nobody listens to are named", (population, words) => {
    expect(unheardKeys(populationOf(population), membersOf(population))).toEqual(words);
  });
});
