/** Every study's page and figures are what its numbers render, and every verdict on it holds. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findStudyFile, listStudies, loadStudy } from "../../src/experiments/study/load-study.ts";
import { planStudy } from "../../src/experiments/study/plan-study.ts";
import { outdatedFiles } from "../../src/experiments/study/render-study.ts";
import { isBenchmark } from "../../src/experiments/study/study.ts";
import { placeholdersOf } from "../../src/experiments/study/template.ts";
import { announceSkip } from "../support/announce-skip.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const STUDIES = join(ROOT, "studies");
const folders = readdirSync(STUDIES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join("studies", name));
const isMeasured = (name: string) =>
  ["numbers.json", "numbers.jsonl"].some((file) => existsSync(join(ROOT, name, file)));
const names = folders.filter(isMeasured);
for (const name of folders.filter((folder) => !isMeasured(folder)))
  announceSkip(`the page of ${name}`, "it has not been run yet");
const all = [...names, "examples/study"];

const open = (name: string) => loadStudy(findStudyFile(join(ROOT, name), STUDIES));

test("every folder of studies is one", async () => {
  expect((await listStudies(STUDIES)).map(({ name }) => join("studies", name))).toEqual(folders);
});

test.each(all)("%s: the page and its figures are what the numbers render", async (name) => {
  const hint = `concord study render ${name}`;
  expect(await outdatedFiles(await open(name)), hint).toEqual([]);
});

test.each(all)(
  "%s: a person has written the page, and it states verdicts as claims",
  async (name) => {
    const text = readFileSync(join(ROOT, name, "page.md"), "utf8");
    const kinds = new Set(placeholdersOf(text).map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(["claim", "table"]));
  },
);

test.each(names)("%s says what it does not show, and how it was run", (name) => {
  const text = readFileSync(join(ROOT, name, "page.md"), "utf8");
  expect(text).toContain("**Question.**");
  expect(text).toContain("**Answer.**");
  expect(text).toContain("## What this does not show");
});

test.each(all)("%s: every arm's config is valid", async (name) => {
  const { study, ...rest } = await open(name);
  if (isBenchmark(study)) return;
  const inputs = Object.fromEntries(Object.keys(study.inputs ?? {}).map((key) => [key, "/data"]));
  if (study.compute) return;
  const planned = await planStudy({ ...rest, study }, { runs: "/runs", inputs });
  expect(planned.length).toBeGreaterThanOrEqual(3);
});

test.each(all)("%s: numbers are of the arms and measures that it declares", async (name) => {
  const { study, folder } = await open(name);
  if (isBenchmark(study)) return;
  const { runs } = JSON.parse(readFileSync(join(folder, "numbers.json"), "utf8")) as {
    runs: { arm: string; numbers: object }[];
  };
  const measures = study.measures.map((m) => (typeof m === "string" ? m : m.name));
  const unknown = runs.flatMap(({ arm, numbers }) => [
    ...(Object.hasOwn(study.arms, arm) ? [] : [arm]),
    ...Object.keys(numbers).filter((key) => !measures.includes(key)),
  ]);
  expect([...new Set(unknown)]).toEqual([]);
});
