/** The compiled command line, as `npm ci` or the tests' own build left it. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const DIST = resolve(import.meta.dirname, "../../dist");

test("can be run as a file, which npm's link from before the build asks for", () => {
  expect(statSync(join(DIST, "cli/main.js")).mode & 0o111).toBe(0o111);
});

test("has the page, and every file that it names", () => {
  const page = readFileSync(join(DIST, "web/index.html"), "utf8");
  const named = [...page.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => path!);
  expect(named).toHaveLength(2);
  for (const path of named) expect(statSync(join(DIST, "web", path)).size).toBeGreaterThan(0);
});
