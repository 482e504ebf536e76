/**
 * @file Builds dist/ before the tests, so that those of the command line run what users run. Only
 *   what has changed is compiled.
 */

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

export default function setup(): void {
  const known = join(ROOT, "build", "dist.tsbuildinfo");
  // What the compiler remembers of an output that is gone would keep it from writing it again.
  if (!existsSync(join(ROOT, "dist/cli/main.js"))) rmSync(known, { force: true });
  const args = ["-p", "tsconfig.build.json", "--incremental", "--tsBuildInfoFile", known];
  const { status, stdout } = spawnSync(process.execPath, [TSC, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`dist/ was not built: ${stdout}`);
}
