import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TEST_NUMBERS, TEST_STUDY } from "../../../test/support/test-study.ts";
import type { LoadedStudy } from "./load-study.ts";
import { outdatedFiles, renderStudy, writeStudyPage } from "./render-study.ts";
import type { Benchmark, Study } from "./study.ts";
import { type StudyNumbers, studyNumbersText } from "./study-numbers.ts";

function loaded(
  template?: string,
  study: Study = TEST_STUDY,
  numbers: StudyNumbers = TEST_NUMBERS,
): LoadedStudy {
  const folder = join(temporaryFolder(), "mine");
  mkdirSync(folder);
  writeFileSync(join(folder, "numbers.json"), studyNumbersText(numbers));
  if (template !== undefined) writeFileSync(join(folder, "page.md"), template);
  return { name: "mine", folder, file: join(folder, "study.ts"), study };
}

async function page(template: string, study?: Study, numbers?: StudyNumbers): Promise<string> {
  const files = await renderStudy(loaded(template, study, numbers));
  return files.get("README.md")!.replaceAll("\u00a0", " ");
}

test("placeholders become numbers, outcomes, tables and figures", async () => {
  const text = await page(
    [
      "# Title",
      "{{mean none fvu}}, {{mean mfr dead_fraction}}",
      "{{change mfr none fvu}}, {{difference mfr none pw_mcc}}, {{null mfr pw_mcc}}",
      "{{verdict fvu}}, {{verdict agreement}}, {{verdict best}}",
      "{{claim change is lower | FVU falls}}, {{claim fvu is not shown | not shown}}",
      "{{value lower}}, {{seeds}} seeds, {{runs}} runs, {{minutes}} minutes",
      "{{versions}}",
      "{{figure change}}",
      "{{table all}}",
    ].join("\n"),
  );
  const lines = text.split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "# Title",
    "",
    "<!-- Rendered from page.md by concord study render: change it there. -->",
  ]);
  expect(lines.slice(3, 10)).toEqual([
    "0.23 ± 0.38, 10 %",
    "−10 %, +0.40 ± 0.25, 0.200",
    "no difference shown, higher, mfr",
    "FVU falls, not shown",
    "0, 3 seeds, 7 runs, 10 minutes",
    "Concord 0.1.0 (commit abc), Node 20.20.2, native backend on avx2 and amx",
    "![Change](figures/change.svg)",
  ]);
  expect(lines[10]).toMatch(/^\| arm \|/);
});

test("a claim that the numbers no longer bear out is refused, with its line and the numbers", async () => {
  const runs = TEST_NUMBERS.runs.map((run) =>
    run.arm === "mfr" ? { ...run, numbers: { ...run.numbers, pw_mcc: 0.1 } } : run,
  );
  const template = "# T\n\nMembers {{claim agreement is higher | agree more}}.\n";
  expect(await page(template)).toContain("Members agree more.");
  await expect(page(template, TEST_STUDY, { ...TEST_NUMBERS, runs })).rejects.toMatchObject({
    message: expect.stringMatching(
      /page\.md:3: \{\{claim agreement is higher \| agree more\}\}: the page states that agreement is higher, but the numbers say lower \(−0\.40 ± 0\.25\)\./,
    ),
    hint: expect.stringContaining("Rewrite"),
  });
});

test("a claim can be about the answer of a function", async () => {
  expect(await page("# T\n{{claim best is mfr | MFR}}")).toContain("MFR");
  await expect(page("# T\n{{claim best is none | none}}")).rejects.toThrow(
    "the page states that best is none, but the numbers say mfr.",
  );
});

test.each([
  ["{{meen none fvu}}", 'there is no placeholder "meen"'],
  ["{{mean none}}", "expected {{mean ARM MEASURE}} but received 1 words"],
  ["{{mean nobody fvu}}", 'The study has no arm "nobody"'],
  ["{{mean none l0}}", 'The study has no measure "l0"'],
  ["{{mean kept pw_mcc}}", "the numbers do not hold it for every seed"],
  ["{{null none fvu}}", "none has no null of fvu"],
  ["{{verdict other}}", 'the study has no verdict "other"'],
  ["{{table other}}", 'the study has no table "other"'],
  ["{{figure other}}", 'the study has no figure "other"'],
  ["{{value other}}", 'the study has no value "other"'],
  ["{{claim change lower | falls}}", "expected {{claim NAME is OUTCOME | WORDS}}"],
  ["{{claim change is lower}}", "expected {{claim NAME is OUTCOME | WORDS}}"],
  ["{{claim change is | falls}}", "expected {{claim NAME is OUTCOME | WORDS}}"],
])("%s is refused with its line", async (placeholder, message) => {
  await expect(page(`# T\n\n${placeholder}\n`)).rejects.toThrow(message);
  await expect(page(`# T\n\n${placeholder}\n`)).rejects.toThrow("page.md:3: ");
});

test("minutes that were not kept are refused", async () => {
  const { training_seconds: _, ...numbers } = TEST_NUMBERS;
  await expect(page("{{minutes}}", TEST_STUDY, numbers)).rejects.toThrow("how long runs took");
});

test("without a page.md the page shows all that is declared", async () => {
  const files = await renderStudy(loaded());
  const text = files.get("README.md")!;
  expect(text).toContain("# A study");
  expect(text).toContain("Does it?");
  expect(text).toContain("- change: lower");
  expect(text).toContain("| difference |");
  expect(text).toContain("![Change](figures/change.svg)");
  expect([...files.keys()]).toEqual(["README.md", "figures/change.svg", "figures/values.svg"]);
});

test("a study without tables has one of all arms and measures", async () => {
  const { tables: _, verdicts: __, figures: ___, ...bare } = TEST_STUDY;
  const text = (await renderStudy(loaded(undefined, bare))).get("README.md")!;
  expect(text).toContain("| arm | held-out FVU | dead latents | PW-MCC (null 0.200) |");
  expect(text).toContain("| kept | −0.010 ± 0.020 | – | – |");
});

test("page and figures are written, and are the same the second time", async () => {
  const study = loaded("# T\n\n{{figure change}}\n");
  const written = await writeStudyPage(study);
  expect(written[0]).toBe(join(study.folder, "README.md"));
  expect(written.every((path) => existsSync(path))).toBe(true);
  const before = written.map((path) => readFileSync(path, "utf8"));
  await writeStudyPage(study);
  expect(written.map((path) => readFileSync(path, "utf8"))).toEqual(before);
});

test("what a study would write differently is named; a style sheet is not a difference", async () => {
  const study = loaded("# T\n\n{{figure change}}\n");
  expect(await outdatedFiles(study)).toEqual([
    "README.md",
    "figures/change.svg",
    "figures/values.svg",
  ]);
  await writeStudyPage(study);
  expect(await outdatedFiles(study)).toEqual([]);
  const figure = join(study.folder, "figures/change.svg");
  const svg = readFileSync(figure, "utf8");
  writeFileSync(figure, svg.replace("<style>", "<style>.other{fill:red}"));
  expect(await outdatedFiles(study)).toEqual([]);
  writeFileSync(figure, svg.replace("−10", "−11"));
  writeFileSync(join(study.folder, "README.md"), "# Mine\n");
  expect(await outdatedFiles(study)).toEqual(["README.md", "figures/change.svg"]);
});

test("a page that is refused leaves the one that was there", async () => {
  const study = loaded("# T\n\n{{mean none fvu}}\n");
  const [path] = await writeStudyPage(study);
  const before = readFileSync(path!, "utf8");
  writeFileSync(join(study.folder, "page.md"), "# T\n\n{{mean nobody fvu}}\n");
  await expect(writeStudyPage(study)).rejects.toThrow();
  expect(readFileSync(path!, "utf8")).toBe(before);
});

const BENCH: Benchmark = {
  kind: "benchmark",
  title: "A benchmark",
  question: "How fast?",
  command: "npm run bench",
  tables: {
    all: { head: ["work", "ms"], rows: (l) => l.map((x) => [`${x["name"]}`, `${x["ms"]}`]) },
  },
  values: { fastest: (lines) => String(Math.min(...lines.map((line) => Number(line["ms"])))) },
  verdicts: { reached: (lines) => (lines.every((line) => line["reached"]) ? "yes" : "no") },
};

function bench(template?: string): LoadedStudy {
  const study = loaded(template, BENCH);
  const lines = [
    { name: "a", ms: 3, reached: true },
    { name: "b", ms: 2, reached: true },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  writeFileSync(join(study.folder, "numbers.jsonl"), text);
  return study;
}

test("a benchmark's page is made of its lines", async () => {
  const template =
    "# B\n{{lines}} lines, {{value fastest}} ms, {{claim reached is yes | all}}\n{{table all}}";
  const text = (await renderStudy(bench(template))).get("README.md")!;
  expect(text).toContain("2 lines, 2 ms, all\n| work | ms |\n|---|---:|\n| a | 3 |\n| b | 2 |");
  expect((await renderStudy(bench())).get("README.md")).toContain("How fast?");
});

test.each([
  ["{{claim reached is no | none}}", "the numbers say yes"],
  ["{{mean a ms}}", 'there is no placeholder "mean"'],
  ["{{table other}}", 'the study has no table "other"'],
])("of a benchmark, %s is refused", async (placeholder, message) => {
  await expect(renderStudy(bench(placeholder))).rejects.toThrow(message);
});
