import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { ConcordError } from "../errors.ts";
import { removeStaleTemporaries, writeFileAtomically } from "./atomic-file.ts";

/** Opens files whose writes fail with `code` once `after` bytes have gone through. */
function failingDisk(code: string, after: number) {
  return async (path: string, flags: string): Promise<FileHandle> => {
    const handle = await open(path, flags);
    let left = after;
    const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
    handle.write = (async (
      bytes: Uint8Array,
      offset: number,
      length: number,
      at: number | null,
    ) => {
      if (length > left) throw Object.assign(new Error(`${code}: injected`), { code });
      left -= length;
      return write(bytes, offset, length, at);
    }) as unknown as FileHandle["write"];
    return handle;
  };
}

test("text, bytes and pieces are written as they are", async () => {
  const path = join(temporaryFolder(), "file");
  await writeFileAtomically(path, "größer\n");
  expect(readFileSync(path, "utf8")).toBe("größer\n");
  await writeFileAtomically(path, new Uint8Array([1, 2, 3]));
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  await writeFileAtomically(path, [new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])]);
  expect([...readFileSync(path)]).toEqual([1, 2]);
});

test("bytes in shared memory are written too", async () => {
  const path = join(temporaryFolder(), "file");
  await writeFileAtomically(path, new Uint8Array(new SharedArrayBuffer(4)).fill(9));
  expect([...readFileSync(path)]).toEqual([9, 9, 9, 9]);
});

test.each([
  ["ENOSPC", /^Cannot write .*file: the disk is full \(ENOSPC\)\.$/, /Free some space/],
  ["EDQUOT", /the disk quota is used up/, /Free some space/],
  ["EROFS", /the file system is read-only/, /can be written/],
  ["EACCES", /permission is denied/, /owner and mode/],
])(
  "%s leaves the old file, removes the temporary, and says what to do",
  async (code, line, hint) => {
    const folder = temporaryFolder();
    const path = join(folder, "file");
    writeFileSync(path, "old");
    const content = [new Uint8Array(100), new Uint8Array(100)];
    const failure = await writeFileAtomically(path, content, {
      openFile: failingDisk(code, 150),
    }).catch((error: ConcordError) => error);
    expect(failure).toMatchObject({ name: "ConcordError", code: "file/io" });
    expect(failure?.message).toMatch(line);
    expect(failure?.message).not.toContain("\n");
    expect(failure?.hint).toMatch(hint);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  },
);

test("content that throws while it is made leaves the old file and passes its error on", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "file");
  writeFileSync(path, "old");
  async function* content() {
    yield new Uint8Array(10);
    throw new TypeError("the producer failed");
  }
  await expect(writeFileAtomically(path, content())).rejects.toThrow(TypeError);
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("a missing folder, and a folder in the file's place, are named", async () => {
  const folder = temporaryFolder();
  await expect(writeFileAtomically(join(folder, "no/file"), "x")).rejects.toMatchObject({
    code: "file/missing",
    message: `Cannot write ${join(folder, "no/file")}: its folder does not exist.`,
  });
  await expect(writeFileAtomically(folder, "x")).rejects.toMatchObject({
    code: "argument/invalid",
  });
  expect(existsSync(folder)).toBe(true);
});

test("writes of the same file that overlap leave one of them whole", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "file");
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(10_000 * (i + 1)));
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
  expect(texts).toContain(readFileSync(path, "utf8"));
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("temporaries of dead processes are removed, those of living ones stay", async () => {
  const folder = temporaryFolder();
  const dead = "weights.safetensors.tmp-999999999-0";
  const living = `weights.safetensors.tmp-${process.pid}-0`;
  for (const name of [dead, living, "weights.tmp", "a.tmp-x-1"])
    writeFileSync(join(folder, name), "");
  expect(await removeStaleTemporaries(folder)).toEqual([dead]);
  expect(readdirSync(folder).sort()).toEqual(["a.tmp-x-1", living, "weights.tmp"].sort());
});
