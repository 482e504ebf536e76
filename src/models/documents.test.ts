import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DocumentFormat, readDocuments } from "./documents.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "concord-documents-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function documents(name: string, content: string, format?: DocumentFormat) {
  const path = join(folder, name);
  await writeFile(path, content);
  const texts: string[] = [];
  for await (const text of readDocuments(path, format)) texts.push(text);
  return texts;
}

test("lines of end-of-text separate documents, without being asked to", async () => {
  const content = "One.\nStill one.\n<|endoftext|>\n<|endoftext|>\nTwo.\n";
  expect(await documents("a.txt", content)).toEqual(["One.\nStill one.", "Two."]);
});

test("blank lines separate documents when asked to, and else are text", async () => {
  const content = "One.\n\n \nTwo.\r\nStill two.\n";
  expect(await documents("b.txt", content, "blank-lines")).toEqual(["One.", "Two.\nStill two."]);
  expect(await documents("b.txt", content)).toEqual(["One.\n\n \nTwo.\nStill two."]);
});

test("a line separator character inside a text ends no line", async () => {
  expect(await documents("c.txt", "One\u2028still one.\n\nTwo.", "blank-lines")).toEqual([
    "One\u2028still one.",
    "Two.",
  ]);
});

test("JSON lines give the texts under `text`", async () => {
  const content = '{"text": "One.\\nStill one.", "id": 1}\n\n{"text": "Two."}\n';
  expect(await documents("d.jsonl", content)).toEqual(["One.\nStill one.", "Two."]);
});

test("a JSON record without text is named", async () => {
  await expect(documents("e.jsonl", '{"text": "One."}\n{"txt": "Two."}\n')).rejects.toThrow(
    /e\.jsonl, record 2: expected text under "text"/,
  );
});

test("a missing file is said to be missing", async () => {
  const lost = readDocuments(join(folder, "lost.txt"));
  await expect(lost.next()).rejects.toMatchObject({ code: "file/missing" });
});

test("documents longer than one read are whole", async () => {
  const long = "word ".repeat(500_000).trim();
  expect(await documents("f.txt", `${long}\n\nshort`, "blank-lines")).toEqual([long, "short"]);
});
