/** Without CMake or a compiler, installing says so once and everything works on the reference backend. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Every command is a process of its own.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = resolve(import.meta.dirname, "../..");

/** The package without its native core, as it is where that could not be built. */
function packageWithoutCore(): string {
  const folder = temporaryFolder();
  for (const name of ["scripts", "configs", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, "native"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs the build where `cmake` is the given shell script, or not there at all. */
function build(folder: string, cmake: string | undefined, ...args: string[]) {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (cmake !== undefined) {
    writeFileSync(join(bin, "cmake"), `#!/bin/sh\n${cmake}\n`);
    chmodSync(join(bin, "cmake"), 0o755);
  }
  const script = join(folder, "scripts/build-native.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    ...{ cwd: folder, encoding: "utf8", env: { PATH: bin } },
  });
  return { status, stdout, lines: stderr.trim().split("\n") };
}

const LINES = [
  /^Everything still works, but slowly .* on the TypeScript reference backend\.$/,
  /^For full speed install CMake 3\.18 or newer and a C\+\+20 compiler/,
  /^ {2}npm run build:native$/,
];

function expectParagraph(lines: readonly string[], first: string, more: number): void {
  expect(lines[0]).toBe(`concord: the native core was not built: ${first}.`);
  for (const [i, line] of LINES.entries()) expect(lines[i + 1]).toMatch(line);
  expect(lines.length, lines.join("\n")).toBe(4 + more);
}

describe("building the native core", () => {
  test("where there is no cmake says so in one paragraph and is no failure", () => {
    const { status, stdout, lines } = build(packageWithoutCore(), undefined);
    expectParagraph(lines, "no cmake was found", 0);
    expect([status, stdout]).toEqual([0, ""]);
    expect(build(packageWithoutCore(), undefined, "--required").status).toBe(1);
  });

  test("where there is no compiler says that, and keeps what cmake said to itself", () => {
    const folder = packageWithoutCore();
    const missing = "No CMAKE_CXX_COMPILER could be found.";
    const cmake = `[ "$1" = --version ] || { echo "${missing}" >&2; exit 1; }`;
    const { status, lines } = build(folder, cmake);
    expectParagraph(lines, "no C++ compiler was found", 1);
    expect(status).toBe(0);
    const log = join(folder, "build/native/build.log");
    expect(lines[4]).toBe(`What CMake and the compiler said is in ${log}.`);
    expect(readFileSync(log, "utf8")).toContain(missing);
  });

  test("that does not compile leaves no core of other sources behind", () => {
    const folder = packageWithoutCore();
    const core = join(folder, "build/native/concord.node");
    mkdirSync(join(folder, "build/native"), { recursive: true });
    writeFileSync(core, "an older one");
    const { status, lines } = build(
      folder,
      `[ "$1" != --build ] || { echo "error: x" >&2; exit 2; }`,
    );
    expectParagraph(lines, "it did not compile", 1);
    expect(status).toBe(0);
    expect(existsSync(core)).toBe(false);
  });
});

describe("the built package without its native core", () => {
  test("trains, evaluates and encodes, and says once that it is slow", () => {
    expect(existsSync(join(ROOT, "dist/cli/main.js")), "it is built: npm run prepare").toBe(true);
    const folder = packageWithoutCore();
    cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
    const concord = (...args: string[]) => {
      const { HOME, PATH } = process.env;
      const result = spawnSync(process.execPath, [join(folder, "dist/cli/main.js"), ...args], {
        ...{ cwd: folder, encoding: "utf8", env: { HOME, PATH, CONCORD_OFFLINE: "1" } },
      });
      expect(result.status, result.stderr).toBe(0);
      return result;
    };
    const small = ["training.steps=25", "training.batch=64", "source.held_out_rows=100"];
    const args = ["run", "configs/quickstart.yaml", ...small.flatMap((s) => ["--set", s])];
    const { stderr } = concord(...args);
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning:"));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: running on the slow reference backend: the native core is not built .* run npm run build:native$/,
      ),
    ]);
    const [run] = JSON.parse(concord("runs", "--json").stdout);
    expect(run).toMatchObject({ name: "quickstart", state: "finished" });
    const shown = JSON.parse(concord("show", "quickstart", "--json").stdout);
    expect(shown.record.backend).toEqual({ name: "reference", isa: "typescript", threads: 1 });
    expect(shown.evaluation.members[0].metrics.fvu).toBeLessThan(1);
    const doctor = JSON.parse(concord("doctor", "--json").stdout);
    expect(doctor.backend).toMatchObject({ name: "reference", available_isas: [] });
    expect(doctor.backend.fallback_reason).toMatch(/npm run build:native/);
  });
});
