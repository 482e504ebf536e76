import { describe, expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { parseConfig } from "./load-config.ts";

const TEXT = `# A comment.
name: run
source: { kind: synthetic, d_in: 16, features: 16 }
population:
  members: 2
  d_sae: 32
  k: 4
training: { batch: 64, steps: 10 }
`;

/** The message and hint with which a config is refused. */
function refusal(text: string, settings: string[] = [], name?: string): string {
  try {
    parseConfig(text, "run.yaml", settings, name);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
  throw new Error("It was accepted.");
}

describe("what is wrong is named with its line", () => {
  test.each([
    ["an unknown key", TEXT.replace("k: 4", "kk: 4"), "run.yaml:7: unknown key population.kk."],
    ["an unknown section", `${TEXT}trainin: 1\n`, "run.yaml:9: unknown key trainin."],
    ["no mapping", "- 1\n", "run.yaml: expected a mapping of keys to values."],
    ["nothing", "", "run.yaml: expected a mapping of keys to values."],
    ["two lengths", TEXT.replace("steps: 10", "steps: 10, epochs: 1"), "run.yaml: training needs exactly one of steps, tokens and epochs."], // biome-ignore format: one line
    ["an empty list", `${TEXT}seed: []\n`, "seed is an empty list."],
    ["a name that leads elsewhere", TEXT.replace("name: run", "name: ../run"), /^run\.yaml:2: name: expected letters/], // biome-ignore format: one line
    ["a wrong kind of value", TEXT.replace("members: 2", "members: two"), /^run\.yaml:5: population\.members: /], // biome-ignore format: one line
    ["a missing section", TEXT.replace(/training.*/, ""), /^run\.yaml: training: /],
    ["a tab", `${TEXT}\tseed: 1\n`, /^run\.yaml:9: /],
    ["an anchor that there is not", `${TEXT}seed: *one\n`, /^run\.yaml: .*one$/],
    ["anchors that multiply", `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`, /^run\.yaml: .*alias/], // biome-ignore format: one line
  ])("%s", (_, text, message) => {
    const found = refusal(text);
    if (typeof message === "string") expect(found).toBe(message);
    else expect(found).toMatch(message);
  });
});

describe("--set", () => {
  test("replaces values, adds sections, and the last one wins", () => {
    const settings = ["population.k=8", "coupling.weight=0.5", "population.k=2", "seed=[1, 2]"];
    const runs = parseConfig(TEXT, "run.yaml", settings);
    expect(runs.map(({ config }) => config.name)).toEqual(["run/seed=1", "run/seed=2"]);
    expect(runs[0]!.config.population.k).toBe(2);
    expect(runs[0]!.config.coupling).toMatchObject({ weight: 0.5 });
  });

  test("what is wrong with it is said of it, not of a line", () => {
    expect(refusal(TEXT, ["population.kk=1"])).toBe(
      "--set population.kk=1: unknown key population.kk.",
    );
    expect(refusal(TEXT, ["trainin.steps=1"])).toBe("--set trainin.steps=1: unknown key trainin.");
    expect(refusal(TEXT, ["population.k=many"])).toMatch(
      /^--set population\.k=many: population\.k: /,
    );
    expect(refusal(TEXT, ["population={d_sae: 2, kk: 1}"])).toMatch(
      /^--set population=\{d_sae: 2, kk: 1\}: unknown key population\.kk\.$/,
    );
    expect(refusal(TEXT, ["reinitialise=true"])).toBe(
      "--set reinitialise=true: reinitialise: expected false, or a mapping of keys to values, but received true.",
    );
    expect(refusal(TEXT, ["population.k=0.5"])).toBe(
      "--set population.k=0.5: population.k: expected a whole number, or a list, but received 0.5.",
    );
    expect(refusal(TEXT, ["population.architecture=tok"])).toMatch(
      /population\.architecture: expected one of topk, .*, or a list, but received "tok"\.$/,
    );
    expect(refusal(TEXT, ["training.batch=0"])).toBe(
      "--set training.batch=0: training.batch: expected a number of at least 1, but received 0.",
    );
    expect(refusal(TEXT, ["k"])).toBe('Expected key=value for --set but received "k".');
    expect(refusal(TEXT, ["seed=[1"])).toMatch(/^--set seed=\[1: /);
  });

  test("reaches no object but the config", () => {
    expect(refusal(TEXT, ["__proto__.polluted=1"])).toMatch(/unknown key __proto__/);
    expect(refusal(TEXT, ["constructor.prototype.polluted=1"])).toMatch(/unknown key constructor/);
    expect("polluted" in {}).toBe(false);
  });
});

describe("the sweep block", () => {
  const runsOf = (text: string, settings: string[] = []) =>
    parseConfig(text, "run.yaml", settings).map(({ config, axes }) => ({
      name: config.name,
      axes,
      population: config.population,
    }));
  const NESTED = "sweep:\n  population:\n    k: [2, 4]\n";

  test("makes runs of keys of the population, alone and with lists elsewhere", () => {
    for (const block of ["sweep: { population.k: [2, 4] }\n", NESTED]) {
      const runs = runsOf(`${TEXT}${block}`, ["seed=[0, 1]"]);
      expect(runs.map((r) => r.name)).toEqual([
        "run/seed=0.population.k=2",
        "run/seed=0.population.k=4",
        "run/seed=1.population.k=2",
        "run/seed=1.population.k=4",
      ]);
      expect(runs.map((r) => r.population.k)).toEqual([2, 4, 2, 4]);
      expect(runs[1]!.axes).toEqual({ seed: 0, "population.k": 4 });
    }
  });

  test("takes values that are lists or sections, and keys that the config leaves out", () => {
    const lists = runsOf(`${TEXT}sweep: { population.k: [[2, 4], [8]] }\n`);
    expect(lists.map((r) => r.population.k)).toEqual([[2, 4], [8]]);
    const sections = runsOf(`${TEXT}sweep: { population.aux_k: [false, { k_aux: 3 }] }\n`);
    expect(sections.map((r) => r.population.aux_k)).toEqual([false, { k_aux: 3 }]);
    expect(runsOf(TEXT, ["sweep.coupling.weight=[0, 1]"])).toHaveLength(2);
  });

  test("is replaced by --set, however it is written", () => {
    for (const block of ["sweep: { population.k: [2, 4] }\n", NESTED])
      for (const setting of [
        "sweep.population.k=[8, 16, 32]",
        "sweep={ population: { k: [8, 16, 32] } }",
      ])
        expect(runsOf(`${TEXT}${block}`, [setting]).map((r) => r.population.k)).toEqual([
          8, 16, 32,
        ]);
  });

  test.each([
    ["sweep: [1]", "run.yaml:9: sweep: expected a section."],
    ["sweep: { population.k: 4 }", "run.yaml:9: sweep.population.k: expected a list of values."],
    ["sweep: { population.k: [] }", "run.yaml:9: sweep.population.k: the list is empty."],
    ["sweep: { name: [a, b] }", "run.yaml:9: sweep.name: this key is the same for all runs of a sweep."], // biome-ignore format: one line
    ["sweep: { population.kk: [2] }", "run.yaml:9: unknown key population.kk."],
    ["sweep:\n  population:\n    k: [two]", /^run\.yaml:11: population\.k: /],
    ["sweep:\n  population.k: [2]\n  population: { k: [2] }", "run.yaml: sweep.population.k is given twice."], // biome-ignore format: one line
    ["seed: [0, 1]\nsweep: { seed: [0, 1] }", "run.yaml:10: sweep.seed: seed has a list of values as well."], // biome-ignore format: one line
    ["sweep: { training.batch: [64, 64] }", "run.yaml: two runs of the sweep would both be run/training.batch=64."], // biome-ignore format: one line
  ])("refuses %s", (block, message) => {
    const found = refusal(`${TEXT}${block}\n`);
    if (typeof message === "string") expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  test("that --set writes is refused by --set", () => {
    expect(refusal(TEXT, ["sweep.population.k=4"])).toBe(
      "--set sweep.population.k=4: sweep.population.k: expected a list of values.",
    );
    expect(refusal(TEXT, ["sweep.population.k=[many]"])).toMatch(
      /^--set sweep\.population\.k=\[many\]: population\.k: /,
    );
  });
});

describe("--name", () => {
  test("stands in for the config's, with the runs of a sweep below it", () => {
    const names = (settings: string[], name: string) =>
      parseConfig(TEXT, "run.yaml", settings, name).map(({ config }) => config.name);
    expect(names([], "other/one")).toEqual(["other/one"]);
    expect(names(["seed=[0, 1]"], "12")).toEqual(["12/seed=0", "12/seed=1"]);
  });

  test.each(["..", "../up", "a/../..", "/etc", "", "a b", "a//b", "."])("may not be %j", (name) => {
    expect(refusal(TEXT, [], name)).toMatch(`--name ${name}: name: expected letters`);
  });
});

describe("a list that stands for another key", () => {
  const HOOKS = `name: x
source: { kind: language_model, model: m, text: t, hooks: [a, b] }
population: { d_sae: 32 }
training: { steps: 1 }
`;
  const hooksOf = (settings: readonly string[] = [], text = HOOKS) =>
    parseConfig(text, "x.yaml", settings).map(({ config: { name, source } }) => {
      const { hook, hooks } = source as { hook?: string; hooks?: readonly string[] };
      return [name, hook, hooks];
    });

  test("makes a run for each of its values, which keep the list", () => {
    expect(hooksOf()).toEqual([
      ["x/source.hook=a", "a", ["a", "b"]],
      ["x/source.hook=b", "b", ["a", "b"]],
    ]);
  });

  test("makes none beside that key, and an override of one replaces the other", () => {
    expect(hooksOf([], HOOKS.replace("hooks:", "hook: a, hooks:"))).toEqual([
      ["x", "a", ["a", "b"]],
    ]);
    expect(hooksOf(["source.hook=c"])).toEqual([["x", "c", undefined]]);
    const one = HOOKS.replace("hooks: [a, b]", "hook: c");
    expect(hooksOf(["source.hooks=[a]"], one)).toEqual([["x/source.hook=a", "a", ["a"]]]);
  });

  test("is a list of names", () => {
    for (const list of ["[]", "a", "[1]", "[[a], [b]]"])
      expect(() => hooksOf([`source.hooks=${list}`]), list).toThrow("--set source.hooks=");
    expect(() => hooksOf([], HOOKS.replace("[a, b]", "7"))).toThrow(
      "x.yaml:2: source.hooks: expected a list of names.",
    );
  });
});
