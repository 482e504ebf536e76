import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { findFiles, isPattern, patternFrom } from "./find-files.ts";

function place(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "sub [1]"));
  mkdirSync(join(folder, ".hidden"));
  const names = ["b.txt", "a.txt", "c.md", "[x].txt", "a.txt.tmp-1-2", ".dot.txt", ".hidden/d.txt"];
  for (const name of [...names, "sub [1]/z.txt"]) writeFileSync(join(folder, name), "");
  return folder;
}

const TXT = /\.txt$/;

test("a folder means the files below it that end as asked, by name", async () => {
  const folder = place();
  const found = await findFiles(folder, TXT);
  expect(found).toEqual(["[x].txt", "a.txt", "b.txt", "sub [1]/z.txt"].map((n) => join(folder, n)));
  expect(await findFiles(join(folder, ".hidden"), /\.md$/)).toEqual([]);
});

test("a file means itself, whatever its ending, though its name looks like a pattern", async () => {
  const folder = place();
  for (const name of ["c.md", "[x].txt"])
    expect(await findFiles(join(folder, name), TXT)).toEqual([join(folder, name)]);
});

test("a pattern means what matches, by name, without temporaries", async () => {
  const folder = place();
  const find = (pattern: string) => findFiles(patternFrom(folder, pattern), TXT);
  expect(await find("*.{md,txt}")).toEqual(
    ["[x].txt", "a.txt", "b.txt", "c.md"].map((name) => join(folder, name)),
  );
  expect(await find("a*")).toEqual([join(folder, "a.txt")]);
  expect(await find("*.parquet")).toEqual([]);
  expect(await findFiles(patternFrom(join(folder, "sub [1]"), "*"), TXT)).toHaveLength(1);
  const braces = join(folder, "run {a,b} [1]");
  mkdirSync(braces);
  writeFileSync(join(braces, "y.txt"), "");
  expect(await findFiles(patternFrom(braces, "*.txt"), TXT)).toEqual([join(braces, "y.txt")]);
  expect([isPattern("a.txt"), isPattern("a?.txt"), isPattern("org/name")]).toEqual([
    false,
    true,
    false,
  ]);
});

test("nothing is there, or nothing that can be read twice", async () => {
  expect(await findFiles(join(temporaryFolder(), "lost"), TXT)).toBe(undefined);
  await expect(findFiles("/dev/null", TXT)).rejects.toThrow(/neither a file nor a folder/);
  const link = join(temporaryFolder(), "link");
  symlinkSync("/dev/zero", link);
  await expect(findFiles(link, TXT)).rejects.toMatchObject({ code: "argument/invalid" });
});
