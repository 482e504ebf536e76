// Builds the native core and its Node addon with CMake: build/native/concord.node. Runs at `npm ci`.
// Without CMake or a C++20 compiler it says so and succeeds: Concord then runs on its TypeScript reference backend.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, "build", "native");
const require = createRequire(import.meta.url);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ""}${result.stderr ?? ""}`,
    error: result.error,
  };
}

/** Says in one paragraph that the core is not there, why, and what to do; what CMake said goes to a file. */
function giveUp(what, output) {
  const lines = [
    "",
    `concord: the native core was not built: ${what}.`,
    "Everything still works, but slowly (hundreds of times), on the TypeScript reference backend.",
    "For full speed install CMake 3.18 or newer and a C++20 compiler (Debian: apt install cmake g++), then run:",
    "  npm run build:native",
  ];
  if (output) {
    const log = join(build, "build.log");
    writeFileSync(log, output);
    // A core built from other sources is worse than none.
    rmSync(join(build, "concord.node"), { force: true });
    lines.push(`What CMake and the compiler said is in ${log}.`);
  }
  console.error([...lines, ""].join("\n"));
  process.exit(process.argv.includes("--required") ? 1 : 0);
}

if (!run("cmake", ["--version"]).ok) giveUp("no cmake was found");
mkdirSync(build, { recursive: true });
const ninja = run("ninja", ["--version"]).ok && !existsSync(join(build, "Makefile"));
const configured = run("cmake", [
  ...["-S", "native", "-B", build, "-DCMAKE_BUILD_TYPE=Release"],
  ...(ninja ? ["-G", "Ninja"] : []),
  `-DCONCORD_NODE_HEADERS=${require("node-api-headers").include_dir}`,
  `-DCONCORD_NODE_ADDON_API=${dirname(require.resolve("node-addon-api/package.json"))}`,
]);
if (!configured.ok) {
  const noCompiler = /CMAKE_CXX_COMPILER/.test(configured.output);
  giveUp(
    noCompiler ? "no C++ compiler was found" : "CMake could not configure it",
    configured.output,
  );
}
const built = run("cmake", ["--build", build, "--parallel"]);
if (!built.ok) giveUp("it did not compile", built.output);
console.log("concord: native core built.");
