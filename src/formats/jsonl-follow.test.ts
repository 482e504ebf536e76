import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { JsonlFollower } from "./jsonl-follow.ts";

const path = () => join(temporaryFolder(), "x.jsonl");

test("each line comes once, when it is ended", async () => {
  const file = path();
  const follower = new JsonlFollower(file);
  expect(await follower.next()).toEqual([]);
  writeFileSync(file, '{"step":1}\n{"st');
  expect(await follower.next()).toEqual([{ step: 1 }]);
  expect(await follower.next()).toEqual([]);
  appendFileSync(file, 'ep":2}\n\n{"step":3}\n');
  expect(await follower.next()).toEqual([{ step: 2 }, { step: 3 }]);
  expect(await follower.next()).toEqual([]);
});

test("a file that was cut back, or is another one, is read from its beginning", async () => {
  const file = path();
  writeFileSync(file, "1\n2\n3\n");
  const follower = new JsonlFollower(file);
  expect(await follower.next()).toEqual([1, 2, 3]);
  writeFileSync(file, "1\n");
  expect(await follower.next()).toEqual([1]);
  rmSync(file);
  expect(await follower.next()).toEqual([]);
  writeFileSync(`${file}.new`, "7\n8\n9\n");
  rmSync(file, { force: true });
  writeFileSync(file, "7\n8\n9\n");
  expect((await follower.next()).at(-1)).toBe(9);
});

test("with a tail, the lines that begin within it", async () => {
  const file = path();
  writeFileSync(file, "100\n200\n300\n");
  expect(await new JsonlFollower(file, 6).next()).toEqual([300]);
  expect(await new JsonlFollower(file, 100).next()).toEqual([100, 200, 300]);
  const torn = new JsonlFollower(file, 2);
  expect(await torn.next()).toEqual([]);
  appendFileSync(file, "400\n");
  expect(await torn.next()).toEqual([400]);
});

test("a line longer than what is read at a time is whole", async () => {
  const file = path();
  const text = "é".repeat(1_500_000);
  writeFileSync(file, `"${text}"\n1\n`);
  const follower = new JsonlFollower(file);
  expect(await follower.next()).toEqual([text, 1]);
});

test("more than a mebibyte comes in several calls, and nothing is lost", async () => {
  const file = path();
  const lines = Array.from({ length: 400_000 }, (_, i) => i);
  writeFileSync(file, `${lines.join("\n")}\n`);
  const follower = new JsonlFollower(file);
  const calls: unknown[][] = [];
  for (let more = await follower.next(); more.length > 0; more = await follower.next())
    calls.push(more);
  expect(calls.length).toBeGreaterThan(2);
  expect(calls.flat()).toEqual(lines);
});

test("a line that is not JSON is named once", async () => {
  const file = path();
  writeFileSync(file, "1\n{\n");
  const follower = new JsonlFollower(file);
  await expect(follower.next()).rejects.toThrow(/x\.jsonl: a line is not JSON/);
  appendFileSync(file, "2\n");
  expect(await follower.next()).toEqual([2]);
});
