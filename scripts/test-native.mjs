// Runs the native core's own tests (ctest) and prints their counts.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const build = join(dirname(dirname(fileURLToPath(import.meta.url))), "build", "native");
if (!existsSync(join(build, "concord.node"))) {
  console.log(
    "native tests skipped: the native core is not built here (npm run build:native says why).",
  );
  process.exit(0);
}
const result = spawnSync("ctest", ["--test-dir", build, "--output-on-failure", "--verbose"], {
  encoding: "utf8",
});
const output = `${result.stdout}${result.stderr}`;
for (const line of output.split("\n"))
  if (/passed|failed|not ok|Failed/.test(line)) console.log(line.replace(/^\d+: /, ""));
process.exit(result.status ?? 1);
