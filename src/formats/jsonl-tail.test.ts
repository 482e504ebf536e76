import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { cutJsonl, lastOfJsonl } from "./jsonl-tail.ts";

const path = () => join(temporaryFolder(), "x.jsonl");
const upTo = (step: number) => (value: unknown) => (value as { step: number }).step <= step;

test.each([
  ["", undefined],
  ["\n\n", undefined],
  ['{"a":', undefined],
  ['{"a":1}\n', { a: 1 }],
  ['{"a":1}\n{"a":2}\n\n', { a: 2 }],
  ['{"a":1}\n{"a":2', { a: 1 }],
])("the last value of %j", async (text, last) => {
  const file = path();
  writeFileSync(file, text);
  expect(await lastOfJsonl(file)).toEqual(last);
});

test.each([
  ["", 5, ""],
  ['{"step":1}\n{"step":2}\n', 2, '{"step":1}\n{"step":2}\n'],
  ['{"step":1}\n{"step":2}\n', 1, '{"step":1}\n'],
  ['{"step":1}\n{"step":2}\n', 0, ""],
  ['{"step":1}\n{"step":2}', 2, '{"step":1}\n'],
  ['{"step":1}\n{"st', 2, '{"step":1}\n'],
  ['{"st', 2, ""],
])("%j cut behind step %d", async (text, step, expected) => {
  const file = path();
  writeFileSync(file, text);
  await cutJsonl(file, upTo(step));
  expect(readFileSync(file, "utf8")).toBe(expected);
});

test("lines longer than what is read at a time, and characters across two reads, are whole", async () => {
  const file = path();
  const line = (step: number) => `${JSON.stringify({ step, text: "é".repeat(300_001) })}\n`;
  const lines = [1, 2, 3, 4].map(line);
  writeFileSync(file, lines.join(""));
  expect(await lastOfJsonl(file)).toEqual(JSON.parse(lines[3]!));
  await cutJsonl(file, upTo(2));
  expect(readFileSync(file, "utf8")).toBe(lines[0]! + lines[1]!);
});

test("a line that is not JSON is named by its byte; those before the end are not read", async () => {
  const file = path();
  writeFileSync(file, '{"step":1}\nbroken\n{"step":3}\n');
  await expect(cutJsonl(file, upTo(1))).rejects.toThrow(
    `${file} at byte 11: the line is not JSON.`,
  );
  expect(await lastOfJsonl(file)).toEqual({ step: 3 });
  await expect(lastOfJsonl(path())).rejects.toMatchObject({ code: "file/missing" });
});
