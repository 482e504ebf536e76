import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openJsonlAppender, readJsonl, serializeJsonl } from "./jsonl.ts";

async function collect(path: string): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const record of readJsonl(path)) records.push(record);
  return records;
}

test("records come back as they went", async () => {
  const records = [{ step: 1, fvu: 0.5 }, [1, "zwölf"], null, "line\nbreak"];
  const text = serializeJsonl(records);
  expect(text.split("\n")).toHaveLength(5);
  const path = join(temporaryFolder(), "x.jsonl");
  writeFileSync(path, text);
  expect(await collect(path)).toEqual(records);
});

test("a torn last line is left out, a whole one without its newline counts", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  for (const [text, records] of [
    ['{"a":1}\n{"a":', [{ a: 1 }]],
    ['{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['\n\n{"a":1}\r\n\n', [{ a: 1 }]],
    ["", []],
  ] as const) {
    writeFileSync(path, text);
    expect(await collect(path)).toEqual(records);
  }
});

test("a broken line in the middle is an error that names it", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  writeFileSync(path, '{"a":1}\n{"a":\n{"a":3}\n');
  await expect(collect(path)).rejects.toThrow(`${path}:2: the line is not JSON.`);
});

test("lines across read chunks, and characters across them, are whole", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  const records = Array.from({ length: 300 }, (_, i) => ({ i, text: "é".repeat(5_000 + i) }));
  writeFileSync(path, serializeJsonl(records));
  expect(await collect(path)).toEqual(records);
});

test("values that JSON cannot hold are refused, not turned into the text undefined", () => {
  expect(() => serializeJsonl([undefined])).toThrow(/undefined is not a JSON value/);
});

test("appending goes on after the last whole line", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  for (const [before, after] of [
    [undefined, '{"b":2}\n'],
    ['{"a":1}\n', '{"a":1}\n{"b":2}\n'],
    ['{"a":1}\n{"torn', '{"a":1}\n{"b":2}\n'],
    ['{"torn', '{"b":2}\n'],
    ['{"a":1}', '{"a":1}\n{"b":2}\n'],
  ]) {
    if (before !== undefined) writeFileSync(path, before);
    const log = await openJsonlAppender(path);
    await log.append({ b: 2 });
    await log.sync();
    await log.close();
    expect(readFileSync(path, "utf8")).toBe(after);
  }
});

test("appends that overlap keep their order", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  const log = await openJsonlAppender(path);
  await Promise.all(Array.from({ length: 200 }, (_, i) => log.append({ i }, { i: i + 0.5 })));
  await log.close();
  const order = (await collect(path)).map((r) => (r as { i: number }).i);
  expect(order).toEqual(Array.from({ length: 200 }, (_, i) => [i, i + 0.5]).flat());
});

test("files that cannot be opened get their line", async () => {
  const folder = temporaryFolder();
  await expect(collect(join(folder, "no"))).rejects.toMatchObject({ code: "file/missing" });
  await expect(openJsonlAppender(folder)).rejects.toMatchObject({ code: "argument/invalid" });
});
