import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TEST_STUDY } from "../../../test/support/test-study.ts";
import {
  longerSetting,
  planStudy,
  planStudyRun,
  requireInputs,
  trainedArms,
} from "./plan-study.ts";
import type { Experiment } from "./study.ts";

const CONFIG = `name: any
source: { kind: synthetic, d_in: 4 }
population: { d_sae: 8, k: 2, architecture: topk }
training: { steps: 10, batch: 8 }
`;

function loaded(study: Partial<Experiment> = {}) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.yaml"), CONFIG);
  writeFileSync(join(folder, "long.yaml"), CONFIG.replace("steps: 10", "steps: 40"));
  return {
    name: "mine",
    folder,
    file: join(folder, "study.ts"),
    study: { ...TEST_STUDY, ...study },
  };
}

const place = { runs: "/runs", inputs: {} };

describe("the runs of a study", () => {
  test("are one for every arm and seed, seed by seed, arms of means left out", async () => {
    const runs = await planStudy(loaded(), place);
    expect(runs.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual([
      "none 1",
      "mfr 1",
      "kept 1",
      "none 2",
      "mfr 2",
      "kept 2",
      "single 2",
      "none 3",
      "mfr 3",
      "kept 3",
    ]);
    const [first] = runs;
    expect(first!.folder.path).toBe(join("/runs", "mine/none/seed=1"));
    expect(first!.planned.config).toMatchObject({ name: "mine/none/seed=1", seed: 1 });
  });

  test("whose length depends on others are not planned before those are there", async () => {
    const arms = { a: { title: "a" }, b: { title: "b", computeOf: ["a"] } };
    const bare = { arms, verdicts: {}, tables: {}, figures: {}, seeds: [1] };
    expect((await planStudy(loaded(bare), place)).map(({ arm }) => arm)).toEqual(["a"]);
    expect(trainedArms({ ...TEST_STUDY, arms: { b: arms.b, a: arms.a } })).toEqual(["a", "b"]);
  });
});

describe("a run", () => {
  const plan = async (arm: object, factor?: number, study: Partial<Experiment> = {}) => {
    const mine = loaded(study);
    const own = { name: "x", ...arm };
    return (await planStudyRun(mine, place, own, 5, factor)).planned.config;
  };

  test("has the settings of the study, those of its arm, and the seed last", async () => {
    const settings = ["training.batch=16", "seed=99"];
    const config = await plan({ settings: ["training.batch=32"] }, 1, { settings });
    expect([config.training.batch, config.seed, config.runsFolder]).toEqual([32, 5, "/runs"]);
  });

  test("may have a config of its own, and be longer than that says", async () => {
    expect((await plan({ config: "long.yaml" })).training.steps).toBe(40);
    expect((await plan({}, 2.54)).training.steps).toBe(25);
  });

  test("has its inputs as whole paths", async () => {
    const mine = loaded({ inputs: { data: "rows" }, settings: ["cache_folder={data}/x"] });
    const where = { runs: "/runs", inputs: { data: "below" } };
    const failing = planStudyRun(mine, where, { name: "x" }, 1);
    // The key is unknown, and the message has the path that took the place of the name.
    await expect(failing).rejects.toThrow("cache_folder");
    const arrays = loaded({
      inputs: { data: "rows" },
      settings: ["source={kind: arrays, path: '{data}'}"],
    });
    const { planned } = await planStudyRun(arrays, where, { name: "x" }, 1);
    expect(planned.config.source).toMatchObject({ kind: "arrays", path: resolve("below") });
  });

  test("that describes a sweep is refused, one of a single run too", async () => {
    await expect(plan({ settings: ["training.batch=[8, 16]"] })).rejects.toThrow(
      "describes 2 runs of a sweep with the settings of the arm x.",
    );
    await expect(plan({ settings: ["training.batch=[8]"] })).rejects.toThrow(
      "describes 1 run of a sweep",
    );
  });
});

test("a length is multiplied in the unit that the config has", () => {
  const longer = (training: object, factor: number) =>
    longerSetting({ training } as Parameters<typeof longerSetting>[0], factor);
  expect(longer({ steps: 100 }, 1.26)).toBe("training.steps=130");
  expect(longer({ tokens: 999 }, 1.5)).toBe("training.tokens=1499");
  expect(longer({ epochs: 3 }, 1.14)).toBe("training.epochs=3.3");
});

describe("inputs", () => {
  const study = { ...TEST_STUDY, inputs: { data: "activations of gpt2" } };

  test("are all given, and no others", () => {
    expect(() => requireInputs(study, { data: "x" })).not.toThrow();
    expect(() => requireInputs(study, {})).toThrow(
      expect.objectContaining({
        message: 'The study needs the input "data": activations of gpt2.',
        hint: "--input data=<path>",
      }),
    );
    expect(() => requireInputs(study, { data: "x", dta: "y" })).toThrow(
      expect.objectContaining({
        message: 'The study has no input "dta".',
        hint: "It takes: data",
      }),
    );
    expect(() => requireInputs(TEST_STUDY, { x: "y" })).toThrow(
      expect.objectContaining({ hint: "It takes no inputs." }),
    );
  });

  test("of a name that every object has are unknown all the same", () => {
    expect(() => requireInputs(study, { data: "x", constructor: "y" })).toThrow('"constructor"');
  });
});
