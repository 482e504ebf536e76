/**
 * @file Builds dist/ before the tests, so that those of the command line run what users run. Only
 *   what has changed is compiled, and the page is built when something of it has changed.
 */

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildWeb } from "../../scripts/build-web.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** When one of these files, or of all in these folders, changed last or went; milliseconds. */
function changed(...names: string[]): number {
  const files = names.flatMap((name) => {
    const path = join(ROOT, name);
    if (!statSync(path).isDirectory()) return [path];
    const inner = readdirSync(path, { recursive: true, encoding: "utf8" });
    return [path, ...inner.map((one) => join(path, one))];
  });
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

/** When something was made; 0 where it is not there. */
function made(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`dist/ was not built: ${stdout}${stderr}`);
}

async function buildPage(): Promise<void> {
  const web = join(ROOT, "dist/web");
  const sources = ["web", "src/figures", "src/base", "src/report/static-page"];
  if (made("dist/web/index.html") > changed(...sources, "scripts/build-web.mjs")) return;
  rmSync(web, { recursive: true, force: true });
  if (!(await buildWeb(ROOT, web)))
    throw new Error("dist/web was not built, because vite is not installed");
}

export default async function setup(): Promise<void> {
  if (made("dist/cli/main.js") === 0) return run("scripts/build-dist.mjs");
  const known = "build/dist.tsbuildinfo";
  // `npm ci` builds dist/, so a fresh clone has nothing to compile.
  if (Math.max(made("dist"), made(known)) < changed("src", "tsconfig.build.json"))
    run(TSC, "-p", "tsconfig.build.json", "--incremental", "--tsBuildInfoFile", known);
  await buildPage();
}
