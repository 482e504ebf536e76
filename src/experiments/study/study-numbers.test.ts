import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TEST_NUMBERS } from "../../../test/support/test-study.ts";
import {
  readBenchLines,
  readStudyNumbers,
  rounded,
  type StudyNumbers,
  studyNumbersText,
  writeStudyNumbers,
} from "./study-numbers.ts";

const place = () => join(temporaryFolder(), "numbers.json");

test("numbers are read as they were written, a line for each run", async () => {
  const path = place();
  await writeStudyNumbers(path, TEST_NUMBERS);
  expect(await readStudyNumbers(path)).toEqual(TEST_NUMBERS);
  const lines = (await readFile(path, "utf8")).split("\n");
  expect(lines.filter((line) => line.startsWith('{"arm":"none"'))).toHaveLength(3);
});

test("numbers without runs, times and summaries are as good as any", async () => {
  const path = place();
  const empty: StudyNumbers = { format: 1, made_with: [], runs: [] };
  await writeFile(path, studyNumbersText(empty));
  expect(await readStudyNumbers(path)).toEqual(empty);
});

test("seven digits are kept, so that a page is the same before and after", () => {
  expect(rounded(0.123_456_789)).toBe(0.123_456_8);
  expect(rounded(123_456_789)).toBe(123_456_800);
});

test("missing numbers say what makes them", async () => {
  await expect(readStudyNumbers(place())).rejects.toMatchObject({
    code: "file/missing",
    hint: expect.stringContaining("concord study run"),
  });
});

test.each([
  ["{", "not JSON"],
  ["{}", "format: expected 1, but it is missing."],
  ['{"format":1,"made_with":[],"runs":[{"arm":"a","seed":"x","numbers":{}}]}', "runs.0.seed"],
  ['{"format":1,"made_with":[],"runs":[{"arm":"a","seed":1,"numbers":{"fvu":null}}]}', "fvu"],
  ['{"format":2,"made_with":[],"runs":[]}', "format"],
])("%s is refused", async (text, message) => {
  const path = place();
  await writeFile(path, text);
  await expect(readStudyNumbers(path)).rejects.toThrow(message);
});

test("lines of a bench are those with a brace; its other output is left out", async () => {
  const file = place();
  await writeFile(file, '> bench\n{"name":"a"}\n\n{"name":"b"}\n');
  expect(await readBenchLines(file, "npm run bench")).toEqual([{ name: "a" }, { name: "b" }]);
});

test("a bench that printed nothing, or something else, is refused with its command", async () => {
  const file = place();
  await writeFile(file, "no lines\n");
  await expect(readBenchLines(file, "npm run bench")).rejects.toMatchObject({
    hint: `npm run bench > ${file}`,
  });
  await writeFile(file, '{"name":"a"}\n{"name"\n');
  await expect(readBenchLines(file, "npm run bench")).rejects.toThrow(`${file}:2: not JSON`);
});
