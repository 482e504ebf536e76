import { expect, test } from "vitest";
import { TEST_NUMBERS, TEST_STUDY } from "../../../test/support/test-study.ts";
import { StudyResults } from "./study-results.ts";
import { markdownTable, studyTable } from "./study-table.ts";

const results = new StudyResults(TEST_STUDY, TEST_NUMBERS);

test("a table is Markdown with numbers to the right, and bars and lines in cells are kept out", () => {
  expect(markdownTable(["arm", "FVU"], [["a|b\n c", "0.1"]])).toBe(
    "| arm | FVU |\n|---|---:|\n| a\\|b c | 0.1 |",
  );
  expect(markdownTable(["a", "b", "c"], [], 2)).toBe("| a | b | c |\n|---|---|---:|");
});

test("arms are rows, measures and their changes are columns", () => {
  expect(studyTable(results, TEST_STUDY.tables!["all"]!).replaceAll("\u00a0", " ")).toBe(
    [
      "| arm | held-out FVU | change | PW-MCC (null 0.200) | dead latents vs no coupling |",
      "|---|---:|---:|---:|---:|",
      "| no coupling | 0.23 ± 0.38 |  |  |  |",
      "| MFR | 0.21 ± 0.34 | −10 % | 0.90 ± 0.25 | −10 % |",
      "| difference | −0.023 ± 0.038 | −10 % | +0.40 ± 0.25 | −10 % |",
    ].join("\n"),
  );
});

test("a row can say more in words than its name", () => {
  const text = studyTable(results, {
    head: "what",
    words: ["how"],
    rows: [{ arm: "none", words: ["alone"] }, "mfr"],
    columns: ["pw_mcc"],
  });
  expect(text.split("\n").slice(0, 3)).toEqual([
    "| what | how | PW-MCC (null 0.200) |",
    "|---|---|---:|",
    "| no coupling | alone | 0.50 ± 0.25 |",
  ]);
});

test("what an arm does not have is a dash", () => {
  expect(studyTable(results, { rows: ["kept"], columns: ["pw_mcc"] })).toContain("| kept | – |");
});
