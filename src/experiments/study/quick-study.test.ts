import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext } from "../../../test/support/tiny-run.ts";
import type { LoadedStudy } from "./load-study.ts";
import { planStudy } from "./plan-study.ts";
import { quickStudy } from "./quick-study.ts";
import { writeStudyPage } from "./render-study.ts";
import { runStudy } from "./run-study.ts";
import type { ComputeContext, Experiment } from "./study.ts";

const CONFIG = `
name: any
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, architecture: topk, d_sae: 16, k: 2 }
training: { batch: 32, steps: 1000, log_every: 1, checkpoint_every: 1000 }
`;

const STUDY: Experiment = {
  title: "A study",
  question: "Does it?",
  config: "config.yaml",
  seeds: [1, 2],
  arms: {
    none: { title: "none" },
    other: { title: "other", seeds: [7] },
    mfr: { title: "MFR", settings: ["coupling.weight=1", "training.steps=500"], baseline: "none" },
    both: { title: "both", meanOf: ["none", "other"] },
  },
  baseline: "other",
  measures: ["fvu", "steps"],
  verdicts: { mfr: { measure: "fvu", arm: "mfr" } },
  figures: {
    some: {
      title: "Some",
      label: "FVU",
      rows: ["mfr", "other"].map((arm) => ({ arm, measure: "fvu" })),
    },
    gone: { title: "Gone", label: "FVU", rows: [{ arm: "other", measure: "fvu" }] },
  },
  quick: { arms: ["mfr"], settings: ["training.steps=5"] },
};

function loaded(change: Partial<Experiment> = {}): LoadedStudy & { study: Experiment } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.yaml"), CONFIG);
  return { name: "mine", folder, file: join(folder, "study.ts"), study: { ...STUDY, ...change } };
}

const quick = (study: LoadedStudy) =>
  quickStudy(study, join(study.folder, "runs")) as LoadedStudy & { study: Experiment };

function options(folder: string) {
  const { baseFolder: _, ...context } = tinyContext(folder);
  return { runs: join(folder, "runs"), inputs: {}, context };
}

test("the named arms and what they need, with the first seed and settings that win", async () => {
  const study = loaded();
  const { study: small, ...place } = quick(study);
  expect(Object.keys(small.arms)).toEqual(["none", "mfr"]);
  expect(Object.keys(small.figures!)).toEqual(["some"]);
  const runs = await planStudy({ ...place, study: small }, { runs: "/runs", inputs: {} });
  expect(runs.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual(["none 1", "mfr 1"]);
  expect(runs.map(({ planned }) => planned.config.training.steps)).toEqual([5, 5]);
  expect(runs[0]!.folder.path).toBe("/runs/mine-quick/none/seed=1");
});

test("an arm made of others brings them, and takes the quick seeds", async () => {
  const study = loaded({
    quick: { arms: ["both"], seeds: [3, 4], settings: ["training.steps=2"] },
  });
  const own = quick(study);
  const { runs } = await runStudy(own, options(study.folder));
  expect(runs.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual([
    "none 3",
    "other 3",
    "none 4",
    "other 4",
  ]);
});

test("its page lies with its runs, and the study's own files stay", async () => {
  const study = loaded();
  const own = quick(study);
  await runStudy(own, options(study.folder));
  await writeStudyPage(own);
  const page = readFileSync(join(study.folder, "runs/mine-quick/README.md"), "utf8");
  expect(page).toContain("its numbers answer nothing");
  expect(page).toContain("| MFR |");
  expect(existsSync(join(study.folder, "runs/mine-quick/figures/some.svg"))).toBe(true);
  expect(existsSync(join(study.folder, "numbers.json"))).toBe(false);
  expect(existsSync(join(study.folder, "README.md"))).toBe(false);
});

test("`compute` is told which arms are wanted, and its runs are as short", async () => {
  const wanted: (readonly string[])[] = [];
  const study = loaded({
    async compute(seed: number, { arms, train }: ComputeContext) {
      wanted.push(arms);
      const run = await train({ name: "own", settings: ["training.steps=900"] });
      const steps = (await run.readRecord()).totalSteps!;
      return ["none", "mfr", "other"].map((arm) => ({ arm, seed, numbers: { steps } }));
    },
  });
  const { runs } = await runStudy(quick(study), options(study.folder));
  expect(wanted).toEqual([["none", "mfr"]]);
  expect(runs.map(({ arm, numbers }) => [arm, numbers["steps"]])).toEqual([
    ["none", 5],
    ["mfr", 5],
  ]);
});

test("a study without a quick form says how to declare one", () => {
  const study = loaded();
  const { quick: _, ...rest } = study.study;
  expect(() => quickStudy({ ...study, study: rest }, "runs")).toThrow("mine has no quick form.");
});
