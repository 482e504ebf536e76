/**
 * @file The quick form of every study that declares one runs, from its first row to its page.
 *   Skipped with the reason where a model or a text is not to be had.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ConcordError } from "../../src/errors.ts";
import { type LoadedStudy, listStudies } from "../../src/experiments/study/load-study.ts";
import { quickStudy } from "../../src/experiments/study/quick-study.ts";
import { writeStudyPage } from "../../src/experiments/study/render-study.ts";
import { runStudy } from "../../src/experiments/study/run-study.ts";
import { isBenchmark } from "../../src/experiments/study/study.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyContext } from "../support/tiny-run.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Models and texts stay here from one run of the tests to the next. */
const cacheDir = process.env["CONCORD_CACHE"] ?? join(ROOT, ".cache");
const all = await listStudies(join(ROOT, "studies"));
const quick = all.filter(({ study }) => !isBenchmark(study) && study.quick !== undefined);

/** Whether a study could not run for want of a model or a text, rather than for a fault. */
function isMissingData(error: unknown): error is ConcordError {
  const codes = ["file/missing", "network/failed"];
  return error instanceof ConcordError && codes.includes(error.code);
}

/** The inputs of a study, of those files that this machine has. */
function inputsOf({ study }: LoadedStudy): Record<string, string> | string {
  const wanted = isBenchmark(study) ? {} : (study.inputs ?? {});
  const known = Object.entries(wanted).map(([name, what]): [string, string] => {
    const path = process.env[`CONCORD_INPUT_${name.toUpperCase()}`] ?? "";
    return existsSync(path) ? [name, path] : [name, `!${what}`];
  });
  const missing = known.find(([, path]) => path.startsWith("!"));
  return missing
    ? `set CONCORD_INPUT_${missing[0].toUpperCase()} to ${missing[1].slice(1)}`
    : Object.fromEntries(known);
}

test("some studies have a quick form", () => {
  expect(quick.map(({ name }) => name)).not.toEqual([]);
});

test.each(quick.map((study) => [study.name, study] as const))(
  "%s: its quick form runs, and renders",
  async (name, loaded) => {
    const inputs = inputsOf(loaded);
    if (typeof inputs === "string") return void announceSkip(`the quick form of ${name}`, inputs);
    const runs = temporaryFolder();
    const own = quickStudy(loaded, runs);
    const { baseFolder: _, ...context } = tinyContext(runs);
    const catalogue = { cacheDir, attempts: 1 };
    try {
      await runStudy(own, { runs, inputs, context: { ...context, catalogue } });
    } catch (error) {
      if (!isMissingData(error)) throw error;
      return void announceSkip(`the quick form of ${name}`, error.message);
    }
    await writeStudyPage(own);
    const page = readFileSync(join(own.folder, "README.md"), "utf8");
    expect(page).toContain("answer nothing");
    expect(page).toMatch(/\| *[-−]?\d/);
  },
  600_000,
);
