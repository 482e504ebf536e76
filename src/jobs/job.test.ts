import { expect, test } from "vitest";
import { TINY_CONFIG } from "../../test/support/tiny-run.ts";
import { parseConfig } from "../config/load-config.ts";
import { ConcordError, type ErrorCode } from "../errors.ts";
import { jobText, parseJob } from "./job.ts";
import { jobsOfRuns, jobsOfSeeds } from "./make-jobs.ts";
import { outcomeOfError, outcomeOfExit } from "./outcome.ts";

const COMMON = { batch: "token", cwd: "/work", cacheDir: "/cache", offline: true };

test("a job is the same after it was written and read", () => {
  const settings = ["sweep.population.lr=[0.1, 0.01]", "coupling={kind: mfr, weight: 1}"];
  const planned = parseConfig(TINY_CONFIG, "tiny.yaml", settings);
  const runs = planned.map((one) => ({ planned: one, baseFolder: "/work" }));
  const study = { file: "/s/study.ts", quick: false, runs: "/r", inputs: { data: "/d" } };
  const jobs = [
    ...jobsOfRuns(runs, COMMON),
    ...jobsOfSeeds([{ seed: 3, study, folder: "/r/s/seeds/seed=3" }], [], COMMON),
    { ...COMMON, kind: "collect" as const, id: "collect", name: "collecting", runs },
  ];
  expect(jobs.map(({ id }) => id)).toEqual(["0001", "0002", "0001", "collect"]);
  for (const job of jobs) {
    const read = parseJob(jobText(job), "job.json");
    expect(jobText(read)).toBe(jobText(job));
    if (read.kind === "run" && job.kind === "run")
      expect(JSON.stringify(read.run.planned.config)).toBe(JSON.stringify(job.run.planned.config));
  }
});

test.each([
  ["{", "job.json: not JSON"],
  ["{}", "job.json: kind:"],
  ['{"kind": "run", "format": 1}', "job.json: id:"],
])("a file that is not a job is refused: %s", (text, message) => {
  expect(() => parseJob(text, "job.json")).toThrow(message);
});

test("the end of a process says whether the job is to be tried again", () => {
  const of = (code: ErrorCode) => outcomeOfError(new ConcordError(code, "x"));
  expect(of("numeric/not-finite")).toBe("failed");
  expect(of("file/io")).toBe("retry");
  expect(of("run/superseded")).toBe("superseded");
  expect(of("interrupted")).toBe("interrupted");
  expect(outcomeOfError(new TypeError("x"))).toBe("retry");
  expect([0, 1, 2, 75, 76, 130, 137, null].map(outcomeOfExit)).toEqual([
    "finished",
    "failed",
    "failed",
    "retry",
    "superseded",
    "interrupted",
    "retry",
    "retry",
  ]);
});
