import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { arrayFiles } from "./array-files.ts";

function workplace(): string {
  // A folder whose own name has the signs of a pattern.
  const folder = join(temporaryFolder(), "run [1] {a,b}");
  mkdirSync(join(folder, "acts/deep"), { recursive: true });
  for (const name of ["b.npy", "a.npy", "c.txt", ".hidden.npy", "x[0].npy", "deep/d.npy"])
    writeFileSync(join(folder, "acts", name), "");
  return folder;
}

test("patterns are sorted, lists keep their order, and a file counts once", async () => {
  const folder = workplace();
  const found = async (paths: string | string[]) =>
    (await arrayFiles(paths, folder)).map((path) => path.slice(folder.length + 1));
  expect(await found("acts/*.npy")).toEqual(["acts/a.npy", "acts/b.npy", "acts/x[0].npy"]);
  expect(await found("acts/**/*.npy")).toContain("acts/deep/d.npy");
  expect(await found("acts/{b,a}.npy")).toEqual(["acts/a.npy", "acts/b.npy"]);
  expect(await found(["acts/b.npy", "acts/*.npy"])).toEqual([
    "acts/b.npy",
    "acts/a.npy",
    "acts/x[0].npy",
  ]);
  expect(await found("acts/x[0].npy")).toEqual(["acts/x[0].npy"]);
  expect(await found("missing.npy")).toEqual(["missing.npy"]);
  await expect(found("acts/*.bin")).rejects.toMatchObject({
    code: "file/missing",
    message: "No file matches acts/*.bin.",
  });
  await expect(found([])).rejects.toThrow(/at least one file/);
});
