/** The compiled command line, as the build leaves it. */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test("can be run as a file, also where npm linked it before the build", () => {
  const root = temporaryFolder();
  for (const name of [
    "scripts",
    "src",
    "web",
    "package.json",
    "tsconfig.base.json",
    "tsconfig.build.json",
  ])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const { status, stderr } = spawnSync(process.execPath, ["scripts/build-dist.mjs"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(statSync(join(root, "dist/cli/main.js")).mode & 0o111).toBe(0o111);
  // The page, and every file that it names.
  const page = readFileSync(join(root, "dist/web/index.html"), "utf8");
  const named = [...page.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => path!);
  expect(named).toHaveLength(2);
  for (const path of named) expect(statSync(join(root, "dist/web", path)).size).toBeGreaterThan(0);
});
