// Brings the native core up to date, runs its own tests (ctest) and prints their counts.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const scripts = dirname(fileURLToPath(import.meta.url));
const build = spawnSync(process.execPath, [join(scripts, "build-native.mjs"), "--required"], {
  encoding: "utf8",
});
if (build.status !== 0) {
  const noTools = /no (cmake|C\+\+ compiler) was found/.test(build.stderr);
  console.log(`native tests ${noTools ? "skipped" : "failed"}:${build.stderr.trimEnd()}`);
  process.exit(noTools ? 0 : 1);
}
const folder = join(dirname(scripts), "build", "cmake");
const result = spawnSync("ctest", ["--test-dir", folder, "--verbose", "--parallel", "2"], {
  encoding: "utf8",
});
const output = `${result.stdout}${result.stderr}`;
for (const line of output.split("\n"))
  if (/passed|failed|not ok|Failed/.test(line)) console.log(line.replace(/^\d+: /, ""));
process.exit(result.status ?? 1);
