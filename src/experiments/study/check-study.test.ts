import { expect, test } from "vitest";
import { TEST_STUDY } from "../../../test/support/test-study.ts";
import { checkStudy } from "./check-study.ts";

const check = (change: Readonly<Record<string, unknown>>) => () =>
  checkStudy({ ...TEST_STUDY, ...change }, "study.ts");

test("a study comes back as it is", () => {
  expect(checkStudy(TEST_STUDY, "study.ts")).toBe(TEST_STUDY);
});

test("measures of one's own, and a way to compute numbers, are taken", () => {
  const own = { name: "mine", label: "mine", of: () => ({ value: 1 }) };
  const tables = { t: { rows: ["none"], columns: ["mine"] } };
  expect(check({ measures: [own, "fvu", "dead_fraction", "pw_mcc"], tables })).not.toThrow();
  expect(check({ config: undefined, compute: async () => [] })).not.toThrow();
});

test.each([
  ["nothing", undefined, "expected a study as the default export"],
  ["a text", "study", "expected a study as the default export"],
  ["no title", { ...TEST_STUDY, title: undefined }, "title: expected text, but it is missing"],
  ["a misspelt key", { ...TEST_STUDY, seed: [1] }, "seed"],
])("%s is refused", (_, value, message) => {
  expect(() => checkStudy(value, "study.ts")).toThrow(`study.ts: `);
  expect(() => checkStudy(value, "study.ts")).toThrow(message);
});

test.each([
  ["an unknown measure", { measures: ["fvo"] }, 'there is no measure "fvo"'],
  ["a measure named twice", { measures: ["fvu", "fvu", "dead_fraction", "pw_mcc"] }, "twice"],
  ["an unknown baseline", { baseline: "nobody" }, 'baseline names the arm "nobody"'],
  ["no config", { config: undefined }, "the arm none has no config"],
  ["no arms", { arms: {}, verdicts: {}, tables: {}, figures: {} }, "arms holds no arm"],
  ["no seeds", { seeds: [] }, "seeds"],
  ["half a seed", { seeds: [0.5] }, "seeds.0"],
  [
    "a verdict about nobody",
    { verdicts: { v: { measure: "fvu", arm: "nobody" } } },
    'verdicts.v.arm names the arm "nobody"',
  ],
  [
    "a verdict about an unmeasured number",
    { verdicts: { v: { measure: "l0", arm: "mfr" } } },
    'verdicts.v.measure names the measure "l0"',
  ],
  [
    "a table of nobody",
    { tables: { t: { rows: ["nobody"], columns: ["fvu"] } } },
    'tables.t.rows names the arm "nobody"',
  ],
  [
    "a change from nobody",
    { tables: { t: { rows: ["mfr"], columns: [{ measure: "fvu", change: "nobody" }] } } },
    'tables.t.columns names the arm "nobody"',
  ],
  [
    "a figure of nobody",
    { figures: { f: { title: "t", label: "l", rows: [{ arm: "nobody", measure: "fvu" }] } } },
    'figures.f names the arm "nobody"',
  ],
  ["a name with a space", { arms: { "a b": { title: "t" } } }, "arms"],
  [
    "an input that is not declared",
    { settings: ["source.paths={data}/a.npy"] },
    "a setting names the input {data}",
  ],
  [
    "equal compute of an arm that waits for others itself",
    {
      arms: {
        ...TEST_STUDY.arms,
        long: { title: "l", computeOf: ["mfr"] },
        longer: { title: "l", computeOf: ["long"] },
      },
    },
    "arms.longer.computeOf",
  ],
])("%s is refused before anything is trained", (_, change, message) => {
  expect(check(change)).toThrow(message);
});

test("braces of YAML in a setting are not inputs", () => {
  const settings = ["population.aux_k={dead_after_tokens: 50000}"];
  expect(check({ settings })).not.toThrow();
});

test("a benchmark has lines, and none of what an experiment has", () => {
  const bench = { kind: "benchmark", title: "t", question: "q", command: "npm run bench" };
  expect(checkStudy(bench, "study.ts")).toBe(bench);
  expect(() => checkStudy({ ...bench, seeds: [1] }, "study.ts")).toThrow("seeds");
});
