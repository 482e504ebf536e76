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
      "--set reinitialise=true: reinitialise: expected false, or expected object, received boolean.",
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
