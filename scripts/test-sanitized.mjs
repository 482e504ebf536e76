// Builds the native core and its addon with AddressSanitizer and UndefinedBehaviorSanitizer into
// build/sanitized, and runs the core's own tests there. Then it makes many wrong calls of every
// kernel on each instruction set of this machine.
//   node scripts/test-sanitized.mjs [wrong calls per instruction set, default 20000]
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, "build", "sanitized");
const require = createRequire(import.meta.url);
const calls = process.argv[2] ?? "20000";

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** The path of one of the compiler's runtime libraries. */
function library(name) {
  return spawnSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).stdout.trim();
}

run("cmake", [
  "-S",
  "native",
  "-B",
  build,
  "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
  "-DCMAKE_CXX_COMPILER=g++",
  "-DCMAKE_CXX_FLAGS=-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer",
  `-DCONCORD_NODE_HEADERS=${require("node-api-headers").include_dir}`,
  `-DCONCORD_NODE_ADDON_API=${dirname(require.resolve("node-addon-api/package.json"))}`,
]);
run("cmake", ["--build", build, "--parallel", String(availableParallelism())]);
run("ctest", ["--test-dir", build, "--output-on-failure"]);
// Node itself is built without the sanitizers, so their runtimes must be loaded first. It leaks at
// exit by design.
run(
  process.execPath,
  ["--import", "tsx", join("test", "fuzz", "fuzz-addon.ts"), join(build, "concord.node"), calls],
  {
    LD_PRELOAD: `${library("libasan.so")}:${library("libubsan.so")}`,
    ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1",
  },
);
