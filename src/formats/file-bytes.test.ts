import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type OpenFile, openForReading, readExactly, withFile } from "./file-bytes.ts";
import { readText } from "./read-text.ts";

function written(text: string): string {
  const path = join(temporaryFolder(), "x.bin");
  writeFileSync(path, text);
  return path;
}

const isOpen = (file: OpenFile) => file.handle.fd >= 0;

test("a file is opened with the size that it has", async () => {
  const path = written("hello");
  const file = await openForReading(path);
  expect([file.path, file.size]).toEqual([path, 5]);
  await file.handle.close();
});

test("exactly the bytes asked for are read, nothing for none", async () => {
  await withFile(written("0123456789"), async (file) => {
    const into = new Uint8Array(4);
    await readExactly(file, into, 3);
    expect(Buffer.from(into).toString()).toBe("3456");
    await readExactly(file, new Uint8Array(0), 100);
  });
});

test("a file that ends too early is named, with the byte and what is missing", async () => {
  const path = written("0123456789");
  await withFile(path, async (file) => {
    await expect(readExactly(file, new Uint8Array(8), 5)).rejects.toThrow(
      `${path} at byte 10: the file ends here, but 3 more bytes belong to what is being read.`,
    );
    truncateSync(path, 2);
    await expect(readExactly(file, new Uint8Array(4), 0)).rejects.toThrow("at byte 2");
  });
});

test("a file is closed after use, after a failure too, and stays open only on request", async () => {
  const path = written("x");
  let used: OpenFile | undefined;
  const keep = async (file: OpenFile) => {
    used = file;
    return 7;
  };
  expect(await withFile(path, keep)).toBe(7);
  expect(isOpen(used!)).toBe(false);
  await withFile(path, keep, true);
  expect(isOpen(used!)).toBe(true);
  await used!.handle.close();
  const fail = async (file: OpenFile) => {
    used = file;
    throw new Error("no");
  };
  await expect(withFile(path, fail, true)).rejects.toThrow("no");
  expect(isOpen(used!)).toBe(false);
});

test("what is not a file is refused by what it is", async () => {
  const folder = temporaryFolder();
  await expect(openForReading(folder)).rejects.toThrow("it is a folder");
  await expect(openForReading(join(folder, "no"))).rejects.toMatchObject({ code: "file/missing" });
  await expect(openForReading("/dev/null")).rejects.toThrow(
    "Cannot read /dev/null: it is a device, not a file.",
  );
});

test.skipIf(process.platform === "win32")("a pipe is refused instead of waited for", async () => {
  const pipe = join(temporaryFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(openForReading(pipe)).rejects.toThrow(`${pipe}: it is a pipe, not a file.`);
});

test("text is read as UTF-8, and a missing one is missing", async () => {
  expect(await readText(written("zwölf ☃"))).toBe("zwölf ☃");
  await expect(readText(join(temporaryFolder(), "no.txt"))).rejects.toMatchObject({
    code: "file/missing",
  });
});
