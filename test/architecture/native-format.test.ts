/** The layout of native/, where the clang-format that it was made with is installed. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { announceSkip } from "../support/announce-skip.js";

const ROOT = resolve(import.meta.dirname, "../..");
/** Other major versions lay out some lines differently. */
const MAJOR = 23;

const sources = readdirSync(join(ROOT, "native"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(cpp|hpp)$/.test(file))
  .map((file) => join("native", file));

/** Why the layout cannot be checked here; nothing where it can. */
function reasonToSkip(): string | undefined {
  const { status, stdout } = spawnSync("clang-format", ["--version"], { encoding: "utf8" });
  if (status !== 0) return "clang-format is not on the PATH";
  const major = Number(/version (\d+)\./.exec(stdout)?.[1]);
  return major === MAJOR ? undefined : `clang-format ${major} is on the PATH, not ${MAJOR}`;
}

test("CONTRIBUTING.md names the version of clang-format that this test asks for", () => {
  const text = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  expect(text).toContain(`clang-format==${MAJOR}.`);
});

test("native/ is laid out as native/.clang-format says", ({ skip }) => {
  if (announceSkip("the layout of native/", reasonToSkip())) skip();
  const { status, stderr } = spawnSync(
    "clang-format",
    ["--dry-run", "-Werror", "--style=file", ...sources],
    { cwd: ROOT, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
