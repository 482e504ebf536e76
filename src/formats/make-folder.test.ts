import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { announceSkip } from "../../test/support/announce-skip.ts";
import { withReadOnly } from "../../test/support/mount.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { makeFolder } from "./make-folder.ts";

test("a folder is made with those that it lies in; many at once make it once", async () => {
  const path = join(temporaryFolder(), "a/b/c");
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  expect(existsSync(path)).toBe(true);
  await makeFolder(path);
});

test("a link to a folder is a folder", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "link"));
  await makeFolder(join(folder, "link/inside"));
  expect(existsSync(join(folder, "real/inside"))).toBe(true);
});

test("a read-only file system is called one", async ({ skip }) => {
  const folder = temporaryFolder();
  const refused = await withReadOnly(folder, async () => {
    for (const inside of ["a", "a/b/c"])
      await expect(makeFolder(join(folder, inside))).rejects.toMatchObject({
        code: "file/io",
        message: expect.stringMatching(
          /^Cannot make the folder .*\/a: (the file system is read-only \(EROFS\)|permission is denied \(EACCES\))\.$/,
        ),
      });
  });
  if (announceSkip("folders on a read-only file system", refused)) skip();
});

test.each([
  ["a file in its place", "file", /file: a part of the path is not a folder \(ENOTDIR\)\.$/],
  ["a file above it", "file/a", /file\/a: a part of the path is not a folder \(ENOTDIR\)\.$/],
  ["too long a name", "x".repeat(300), /: the name is too long \(ENAMETOOLONG\)\.$/],
  [
    "a link to nothing",
    "nothing",
    /nothing: something of that name is there already \(EEXIST\)\.$/,
  ],
])("%s is said", async (_, name, line) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "elsewhere"), join(folder, "nothing"));
  await expect(makeFolder(join(folder, name))).rejects.toMatchObject({
    message: expect.stringMatching(line),
  });
});

test("where no folder can be made, it is refused", async ({ skip }) => {
  const reason = existsSync("/proc/self") ? undefined : "this system has no /proc";
  if (announceSkip("folders below /proc", reason)) skip();
  await expect(makeFolder("/proc/concord/a")).rejects.toMatchObject({ code: "file/io" });
});
