// Builds the native core and its Node addon with CMake: build/native/concord.node. `npm ci` runs it
// with --if-needed, which keeps a core built from these sources. Without CMake or a C++20 compiler
// it says so and succeeds: Concord then runs on an existing core, or on its TypeScript reference
// backend. With --required that is a failure. With --portable the core includes its C++ library,
// for other machines (scripts/release/pack.mjs).
//
// CMake works in build/cmake. Only a finished core replaces the previous one, in one step.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(root, "build", "cmake");
const finished = join(root, "build", "native");
const core = join(finished, "concord.node");
/** The record next to the core: a hash of its sources. */
const record = join(finished, "concord.json");
const require = createRequire(import.meta.url);
const { sourcesOf } = require("./native-sources.cjs");

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ""}${result.stderr ?? ""}`,
  };
}

/**
 * Says in one paragraph that no core was built, why, and what to do. The output of CMake goes to a
 * file.
 */
function giveUp(what, output) {
  const again = existsSync(core);
  const lines = [
    "",
    `concord: the native core was not built${again ? " again" : ""}: ${what}.`,
    again
      ? "The core that was built before stays in use."
      : "Everything still works, but slowly (hundreds of times), on the TypeScript reference backend.",
    "For full speed install CMake 3.18 or newer and a C++20 compiler (Debian: apt install cmake g++), then run:",
    `  npm --prefix ${root} run build:native`,
  ];
  if (output) {
    mkdirSync(finished, { recursive: true });
    const log = join(finished, "build.log");
    writeFileSync(log, output);
    lines.push(`What CMake and the compiler said is in ${log}.`);
  }
  console.error([...lines, ""].join("\n"));
  process.exit(process.argv.includes("--required") ? 1 : 0);
}

/** Has `write` make a file next to `path`, which then replaces `path` in one step. */
function swapIn(path, write) {
  const part = `${path}.${process.pid}.part`;
  write(part);
  renameSync(part, path);
}

/** Whether a core of these sources exists, built here or from the prebuilt package. */
function isUpToDate(sources) {
  const isOf = (record) => JSON.parse(readFileSync(record, "utf8")).sources === sources;
  try {
    if (existsSync(core)) return isOf(record);
    return isOf(require.resolve(`concord-sae-${process.platform}-${process.arch}/concord.json`));
  } catch {
    return false;
  }
}

function configure() {
  mkdirSync(work, { recursive: true });
  return run("cmake", [
    "-S",
    "native",
    "-B",
    work,
    "-DCMAKE_BUILD_TYPE=Release",
    ...(run("ninja", ["--version"]).ok ? ["-G", "Ninja"] : []),
    `-DCONCORD_STATIC_RUNTIME=${process.argv.includes("--portable") ? "ON" : "OFF"}`,
    `-DCONCORD_NODE_HEADERS=${require("node-api-headers").include_dir}`,
    `-DCONCORD_NODE_ADDON_API=${dirname(require.resolve("node-addon-api/package.json"))}`,
  ]);
}

const sources = sourcesOf(join(root, "native"));
if (process.argv.includes("--if-needed") && isUpToDate(sources)) process.exit(0);
if (!run("cmake", ["--version"]).ok) giveUp("no cmake was found");
const wasThere = existsSync(work);
let configured = configure();
if (!configured.ok && wasThere) {
  // The folder belongs to another path, as in a copy of a clone, or to a compiler that was removed.
  rmSync(work, { recursive: true, force: true });
  configured = configure();
}
if (!configured.ok) {
  const noCompiler = /CMAKE_CXX_COMPILER/.test(configured.output);
  giveUp(
    noCompiler ? "no C++ compiler was found" : "CMake could not configure it",
    configured.output,
  );
}
const built = run("cmake", ["--build", work, "--parallel", String(availableParallelism())]);
if (!built.ok) giveUp("it did not compile", built.output);
mkdirSync(finished, { recursive: true });
swapIn(core, (part) => copyFileSync(join(work, "concord.node"), part));
swapIn(record, (part) => writeFileSync(part, `${JSON.stringify({ sources })}\n`));
console.log("concord: native core built.");
