/**
 * @file Builds dist/ before the tests, so that those of the command line run what users run. Only
 *   what has changed is compiled, and the page is built when something of it has changed.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildWeb } from "../../scripts/build-web.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** When a file of the page, or of the figures that it draws, changed last; milliseconds. */
function pageChanged(): number {
  const files = ["web", "src/figures", "scripts/build-web.mjs"].flatMap((name) => {
    const path = join(ROOT, name);
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    return names.map((inner) => join(path, inner));
  });
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

async function buildPage(): Promise<void> {
  const web = join(ROOT, "dist/web");
  const built = statSync(join(web, "index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > pageChanged()) return;
  rmSync(web, { recursive: true, force: true });
  if (!(await buildWeb(ROOT, web)))
    throw new Error("dist/web was not built, because vite is not installed");
}

export default async function setup(): Promise<void> {
  const known = join(ROOT, "build", "dist.tsbuildinfo");
  // What the compiler remembers of an output that is gone would keep it from writing it again.
  if (!existsSync(join(ROOT, "dist/cli/main.js"))) rmSync(known, { force: true });
  const args = ["-p", "tsconfig.build.json", "--incremental", "--tsBuildInfoFile", known];
  const { status, stdout } = spawnSync(process.execPath, [TSC, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`dist/ was not built: ${stdout}`);
  await buildPage();
}
