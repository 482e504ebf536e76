/** The build of the native core: it says what is missing, and it never costs a core that works. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { announceSkip } from "../support/announce-skip.ts";
import { packageWithoutCore } from "../support/package-without-core.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CORE = "build/native/concord.node";

/** Runs the build in `folder`, with these tools alone where `PATH` is given. */
function build(folder: string, { PATH = process.env["PATH"] ?? "" }, ...args: string[]) {
  const script = join(folder, "scripts/build-native.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH },
  });
  return { status, stdout, lines: stderr.trim().split("\n") };
}

/**
 * A folder with nothing in it but a `cmake` that is the given shell script; without one, nothing at
 * all.
 */
function tools(folder: string, cmake: string | undefined): { PATH: string } {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  if (cmake !== undefined) {
    writeFileSync(join(bin, "cmake"), `#!/bin/sh\n${cmake}\n`);
    chmodSync(join(bin, "cmake"), 0o755);
  }
  return { PATH: bin };
}

const NOT_COMPILING = `[ "$1" != --build ] || { echo "error: x" >&2; exit 2; }`;

/** What is expected of the paragraph that says there is no new core. */
function expectParagraph(lines: readonly string[], first: string, second: RegExp): void {
  expect(lines[0]).toBe(`concord: the native core was not built${first}.`);
  expect(lines[1]).toMatch(second);
  expect(lines[2]).toMatch(
    /^For full speed install CMake 3\.18 or newer and a C\+\+20 compiler .*, then run:$/,
  );
  expect(lines[3]).toMatch(/^ {2}npm --prefix \S+ run build:native$/);
}

const SLOWLY = /^Everything still works, but slowly .* on the TypeScript reference backend\.$/;
const KEPT = /^The core that was built before stays in use\.$/;

describe("building the native core", () => {
  test("where there is no cmake says so in one paragraph and is not a failure", () => {
    const folder = packageWithoutCore();
    const { status, stdout, lines } = build(folder, tools(folder, undefined));
    expectParagraph(lines, ": no cmake was found", SLOWLY);
    expect(lines).toHaveLength(4);
    expect([status, stdout]).toEqual([0, ""]);
    expect(build(folder, tools(folder, undefined), "--required").status).toBe(1);
  });

  test("where there is no compiler says that, and keeps what cmake said to itself", () => {
    const folder = packageWithoutCore();
    const missing = "No CMAKE_CXX_COMPILER could be found.";
    const cmake = `[ "$1" = --version ] || { echo "${missing}" >&2; exit 1; }`;
    const { status, lines } = build(folder, tools(folder, cmake));
    expectParagraph(lines, ": no C++ compiler was found", SLOWLY);
    expect(status).toBe(0);
    const log = join(folder, "build/native/build.log");
    expect(lines.slice(4)).toEqual([`What CMake and the compiler said is in ${log}.`]);
    expect(readFileSync(log, "utf8")).toContain(missing);
  });

  test.each([
    ["no cmake was found", undefined],
    ["it did not compile", NOT_COMPILING],
    ["CMake could not configure it", `[ "$1" = --version ]`],
  ])("that fails keeps the core there was: %s", (what, cmake) => {
    const folder = packageWithoutCore();
    mkdirSync(join(folder, "build/native"), { recursive: true });
    writeFileSync(join(folder, CORE), "an older one");
    const { status, lines } = build(folder, tools(folder, cmake));
    expectParagraph(lines, ` again: ${what}`, KEPT);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, CORE), "utf8")).toBe("an older one");
    expect(readdirSync(join(folder, "build/native")).filter((f) => f.includes("part"))).toEqual([]);
  });
});

const ADDON = `#include <node_api.h>
NAPI_MODULE_INIT() { return exports; }
`;

/** A package whose core is an addon that exports nothing, built in a second. */
function packageWithTinyCore(): string {
  const folder = packageWithoutCore();
  writeFileSync(
    join(folder, "native/CMakeLists.txt"),
    `cmake_minimum_required(VERSION 3.18)
project(tiny LANGUAGES CXX)
add_library(concord_node MODULE node/addon.cpp)
target_include_directories(concord_node PRIVATE \${CONCORD_NODE_HEADERS})
set_target_properties(concord_node PROPERTIES PREFIX "" SUFFIX .node OUTPUT_NAME concord LIBRARY_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR})
`,
  );
  mkdirSync(join(folder, "native/node"));
  writeFileSync(join(folder, "native/node/addon.cpp"), ADDON);
  return folder;
}

function loads(core: string): boolean {
  return spawnSync(process.execPath, ["-e", "require(process.argv[1])", core]).status === 0;
}

const hasTools = ["cmake", "c++"].every((t) => spawnSync(t, ["--version"]).status === 0);
const isSkipped = announceSkip("real builds", hasTools ? undefined : "no cmake or no compiler");

describe.skipIf(isSkipped)("a clone", () => {
  test.each([
    ["copied", cpSync],
    ["moved", renameSync],
  ])("%s to another path builds there, over what CMake left of the first", (_, bring) => {
    const first = packageWithTinyCore();
    expect(build(first, {})).toMatchObject({ status: 0, lines: [""] });
    const second = join(packageWithoutCore(), "clone");
    bring(first, second, { recursive: true, verbatimSymlinks: true });

    const before = readFileSync(join(second, CORE));
    expect(build(second, tools(second, undefined), "--if-needed")).toEqual({
      status: 0,
      stdout: "",
      lines: [""],
    });
    expect(readFileSync(join(second, CORE))).toEqual(before);

    appendFileSync(join(second, "native/node/addon.cpp"), `extern "C" int more() { return 7; }\n`);
    expect(build(second, {}, "--if-needed")).toMatchObject({ status: 0, lines: [""] });
    expect(readFileSync(join(second, CORE))).not.toEqual(before);
    expect(loads(join(second, CORE))).toBe(true);
    const cache = readFileSync(join(second, "build/cmake/CMakeCache.txt"), "utf8");
    expect(cache).toContain(`CMAKE_HOME_DIRECTORY:INTERNAL=${join(second, "native")}`);
  });

  test("with sources that do not compile keeps its core, and says so until they do", () => {
    const folder = packageWithTinyCore();
    build(folder, {});
    const before = readFileSync(join(folder, CORE));
    writeFileSync(join(folder, "native/node/addon.cpp"), `${ADDON}int x = "seven";\n`);
    for (const _ of ["once", "twice"]) {
      const { status, lines } = build(folder, {}, "--if-needed");
      expect(status).toBe(0);
      expectParagraph(lines, " again: it did not compile", KEPT);
      expect(readFileSync(join(folder, CORE))).toEqual(before);
    }
    expect(build(folder, {}, "--required").status).toBe(1);
  });

  test("with a core of another kernel interface runs without it, and says why in a line", () => {
    const folder = packageWithTinyCore();
    build(folder, {});
    cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
    const { stdout } = spawnSync(
      process.execPath,
      [join(folder, "dist/cli/main.js"), "doctor", "--json"],
      { cwd: folder, encoding: "utf8" },
    );
    const { name, fallback_reason } = JSON.parse(stdout).backend;
    expect(name).toBe("reference");
    expect(fallback_reason).toBe(
      `${join(folder, CORE)} was built for another version of Concord; run npm --prefix ${folder} run build:native`,
    );
  });
});
