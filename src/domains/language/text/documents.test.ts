import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { DocumentFormat } from "./document-formats.ts";
import { type DocumentOptions, emptyTally, readDocuments } from "./documents.ts";

async function documents(
  name: string,
  content: string | Uint8Array,
  options: DocumentOptions | DocumentFormat = {},
): Promise<string[]> {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  const texts: string[] = [];
  const all = typeof options === "string" ? { format: options } : options;
  for await (const text of readDocuments(path, all)) texts.push(text);
  return texts;
}

const utf16 = (text: string, bigEndian = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};

test("lines of end-of-text separate documents, without being asked to", async () => {
  const content = "One.\nStill one.\n<|endoftext|>\n<|endoftext|>\nTwo.\n";
  expect(await documents("a.txt", content)).toEqual(["One.\nStill one.", "Two."]);
});

test("a document is what stands in the file, white space included", async () => {
  expect(await documents("a.txt", "  One.\n\n")).toEqual(["  One.\n\n"]);
  expect(await documents("a.txt", "One.")).toEqual(["One."]);
  const separated = "\n  One. \n\n<|endoftext|>\n \n<|endoftext|>\n\tTwo.";
  expect(await documents("a.txt", separated)).toEqual(["\n  One. \n", "\tTwo."]);
  expect(await documents("a.jsonl", '{"text": " One.\\n"}\n{"text": "\\n \\t"}\n')).toEqual([
    " One.\n",
  ]);
});

test("what is left out is counted", async () => {
  const tally = emptyTally();
  await documents("a.jsonl", '{"text": "One."}\n{"text": " "}\n{"text": null}\n', { tally });
  expect(tally).toMatchObject({ documents: 1, empty: 2 });
});

test("blank lines separate documents when asked to, and else are text", async () => {
  const content = "One.\n\n \nTwo.\r\nStill two.\n";
  expect(await documents("b.txt", content, "blank_lines")).toEqual(["One.", "Two.\nStill two."]);
  expect(await documents("b.txt", content)).toEqual(["One.\n\n \nTwo.\nStill two.\n"]);
});

test("a line separator character inside a text ends no line", async () => {
  expect(await documents("c.txt", "One\u2028still one.\n\nTwo.", "blank_lines")).toEqual([
    "One\u2028still one.",
    "Two.",
  ]);
});

const LINES = '{"text": "One.\\nStill one.", "id": 1}\n\n{"text": "Two."}\n';
const TEXTS = ["One.\nStill one.", "Two."];

test.each([
  ["a.jsonl", LINES],
  ["a.ndjson", LINES],
  ["a.json", LINES],
  ["a.JSONL", LINES],
  ["a.jsonl", '"One.\\nStill one."\n"Two."'],
  ["a.json", '[{"text": "One.\\nStill one."}, {"text": "Two."}]'],
  ["a.json", '[\n  "One.\\nStill one.",\n  "Two."\n]\n'],
  ["a.jsonl", '[{"text": "One.\\nStill one."},{"text": "Two."}]'],
  ["a.json", '{\n "text": "One.\\nStill one."\n}\n{\n "text": "Two."\n}\n'],
  ["a.txt", LINES],
  ["a", LINES],
  ["a", '[{"text": "One.\\nStill one."}, {"text": "Two."}]'],
])("JSON in %s: %j", async (name, content) => {
  expect(await documents(name, content)).toEqual(TEXTS);
  expect(await documents(name, `\ufeff${content}`)).toEqual(TEXTS);
  expect(await documents(name, utf16(content))).toEqual(TEXTS);
  expect(await documents(`${name}.gz`, gzipSync(content))).toEqual(TEXTS);
});

test("brackets and quotes within strings of a JSON list are text, wherever pieces end", async () => {
  const texts = Array.from({ length: 3000 }, (_, i) => `]}"\\ [{,é ${"x".repeat(i)} \n`);
  const content = JSON.stringify(texts.map((text) => ({ id: [1, { a: 2 }], text })));
  expect(await documents("a.json", content)).toEqual(texts);
});

test("the key that holds the text can be another", async () => {
  const content = '{"content": "One."}\n{"content": "Two."}\n';
  for (const name of ["a.jsonl", "a.txt"])
    expect(await documents(name, content, { column: "content" })).toEqual(["One.", "Two."]);
});

test.each([
  [
    '{"text": "One."}\n{"txt": "Two."}\n',
    /a\.jsonl:2: expected text under "text" but found keys txt/,
  ],
  ['{"text": ["One."]}\n', /a\.jsonl:1: expected text under "text" but found a list there/],
  ['"One."\n7\n', /a\.jsonl:2: expected text under "text" but found a number/],
])("a JSON record without text is named: %j", async (content, message) => {
  await expect(documents("a.jsonl", content)).rejects.toThrow(message);
});

test("a line that is not JSON is named, and nobody is told to remove a document", async () => {
  const broken = documents("a.jsonl", '{"text": "One."}\n{"text": "Two.\n{"text": "Three."}\n');
  await expect(broken).rejects.toMatchObject({
    message: expect.stringMatching(/a\.jsonl:2: it is not JSON here/),
    hint: expect.not.stringContaining("remove"),
  });
  const cut = documents("a.jsonl", '{"text": "One."}\n{"text": "Tw');
  await expect(cut).rejects.toMatchObject({
    message: expect.stringMatching(/a\.jsonl:2: /),
    hint: expect.stringContaining("truncated"),
  });
  await expect(documents("a.json", '[{"text": "One."}, {"text": "Tw')).rejects.toThrow(
    /it ends in the middle/,
  );
});

test("files that were joined have byte order marks within", async () => {
  expect(await documents("a.jsonl", '\ufeff"One."\n\ufeff"Two."\n')).toEqual(["One.", "Two."]);
});

test("UTF-16 is decoded by its mark, both ways round", async () => {
  const text = "Größe 😀\nTwo.\n";
  for (const bigEndian of [false, true]) {
    const tally = emptyTally();
    expect(await documents("a.txt", utf16(text, bigEndian), { tally })).toEqual([text]);
    expect(tally.replaced).toBe(0);
  }
});

test("the mark of UTF-8 is not part of a text", async () => {
  expect(await documents("a.txt", "\ufeffOne.")).toEqual(["One."]);
  expect(await documents("a.txt.gz", gzipSync("\ufeffOne."))).toEqual(["One."]);
});

test("a few characters that do not decode are counted; one that was written so is not", async () => {
  const bytes = Buffer.concat([Buffer.from("Caf"), Buffer.of(0xe9), Buffer.from(" \ufffd end")]);
  const tally = emptyTally();
  expect(await documents("a.txt", bytes, { tally })).toEqual(["Caf\ufffd \ufffd end"]);
  expect(tally.replaced).toBe(1);
  const half = emptyTally();
  await documents("a.jsonl", '{"text": "half a pair: \\ud83d"}', { tally: half });
  expect(half.replaced).toBe(1);
  const long = emptyTally();
  const piece = Buffer.concat([Buffer.from("\ufffd".repeat(400_000)), Buffer.of(0xff)]);
  await documents("a.txt", Buffer.concat([piece, piece]), { tally: long });
  expect(long.replaced).toBe(2);
});

test.each([
  [
    "Latin-1",
    Buffer.from("Größe, Übel, Äther, öde. ".repeat(20), "latin1"),
    /do not decode/,
    /iconv/,
  ],
  [
    "raw numbers",
    Buffer.from(Float32Array.from({ length: 999 }, Math.sin).buffer),
    /is not text/,
    /./,
  ],
  [
    "small integers",
    Buffer.from(Int32Array.from({ length: 999 }, (_, i) => i).buffer),
    /control/,
    /./,
  ],
  ["UTF-16 without a mark", Buffer.from("Once upon a time", "utf16le"), /control/, /UTF-16/],
  ["UTF-32", Buffer.from("fffe00004f000000", "hex"), /UTF-32/, /iconv/],
  [
    "brotli",
    brotliCompressSync(Buffer.from(Array.from({ length: 9999 }, (_, i) => i * i).join())),
    /is not text/,
    /./,
  ],
  ["zip", Buffer.from("PK\x03\x04 and more"), /zip archive/, /unpack/],
  ["npy", Buffer.from("\x93NUMPY\x01\0", "latin1"), /numpy array/, /arrays/],
  ["bzip2", Buffer.from("BZh91AY&SY"), /bzip2/, /bunzip2/],
  ["xz", Buffer.from("\xfd7zXZ\0", "latin1"), /xz/, /unxz/],
  ["Arrow", Buffer.from("ARROW1\0\0"), /Arrow/, /to_parquet/],
  ["a stream of Arrow", Buffer.from("ffffffff10000000", "hex"), /Arrow/, /to_parquet/],
  ["git-lfs", Buffer.from("version https://git-lfs.github.com/spec/v1\noid"), /git-lfs/, /pull/],
  ["PDF", Buffer.from("%PDF-1.7 and more"), /PDF/, /./],
])("%s is refused, packed or not", async (_, bytes, message, hint) => {
  const refusal = { message: expect.stringMatching(message), hint: expect.stringMatching(hint) };
  await expect(documents("a.txt", bytes)).rejects.toMatchObject(refusal);
  await expect(documents("a.txt.gz", gzipSync(bytes))).rejects.toMatchObject(refusal);
});

test("a tar archive is refused, though it begins with text", async () => {
  const tar = Buffer.alloc(1024, "a");
  tar.write("ustar", 257);
  await expect(documents("a.tar.gz", gzipSync(tar))).rejects.toThrow(/tar archive/);
});

test("a table is refused unless it is to be prose", async () => {
  await expect(documents("a.csv", "id,text\n1,One.\n")).rejects.toThrow(/holds a table/);
  expect(await documents("a.csv", "id,text\n", "whole")).toEqual(["id,text\n"]);
});

test("gzip of several members is unpacked whole, and one that is cut short is refused", async () => {
  const two = Buffer.concat([gzipSync("One. "), gzipSync("Two.")]);
  expect(await documents("a.txt.gz", two)).toEqual(["One. Two."]);
  expect(await documents("named-otherwise.txt", two)).toEqual(["One. Two."]);
  expect(await documents("not-packed.txt.gz", "One.")).toEqual(["One."]);
  const cut = gzipSync("One. ".repeat(100)).subarray(0, -10);
  await expect(documents("a.txt.gz", cut)).rejects.toMatchObject({
    message: expect.stringMatching(/a\.txt\.gz: its gzip data are damaged or truncated/),
    hint: expect.stringContaining("gzip -t"),
  });
});

test("a missing file is said to be missing", async () => {
  const lost = readDocuments(join(temporaryFolder(), "lost.txt"));
  await expect(lost.next()).rejects.toMatchObject({ code: "file/missing" });
});

test("documents longer than one read are whole", async () => {
  const long = "word ".repeat(500_000);
  expect(await documents("f.txt", `${long}\n\nshort`, "blank_lines")).toEqual([long, "short"]);
});
