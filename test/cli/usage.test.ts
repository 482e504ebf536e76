import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { GROUPS } from "../../src/cli/verb.ts";
import { concord, startConcord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describe("the command line", () => {
  test("lists its verbs in groups", async () => {
    const { code, stdout } = await concord(["--help"], temporaryFolder());
    expect(code).toBe(0);
    const groups = [...stdout.matchAll(/^(\S.*:)$/gm)].map(([, heading]) => heading);
    expect(groups).toEqual(["Options:", ...Object.values(GROUPS)]);
    const verbs = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb!);
    expect(verbs).toEqual(expect.arrayContaining(["run", "plan", "runs", "show", "doctor"]));
  });

  test("answers an unknown verb with the nearest, a missing or wrong option with its name, and ends with 2", async () => {
    const folder = temporaryFolder();
    const [verb, option, number, choice] = await Promise.all([
      concord(["rnus"], folder),
      concord(["collect", "--model", "m"], folder),
      concord(["models", "eval", "m", "--text", "t", "--context", "0"], folder),
      concord(["collect", "--dtype", "float8"], folder),
    ]);
    expect(verb).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: unknown command 'rnus' (Did you mean runs?)\n  hint: concord --help lists the commands\n",
    });
    expect(option).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: required option '--hook <name...>' not specified\n  hint: concord collect --help\n",
    });
    expect(number.code).toBe(2);
    expect(number.stderr).toBe(
      "error: option '--context <n>' argument '0' is invalid. Expected a positive integer.\n  hint: concord models eval --help\n",
    );
    expect(choice.code).toBe(2);
    expect(choice.stderr).toMatch(/Allowed choices are float16, bfloat16, float32\.\n/);
  });

  test("help of a verb has its options with defaults and an example to copy", async () => {
    const { code, stdout } = await concord(["encode", "--help"], temporaryFolder());
    expect(code).toBe(0);
    expect(stdout).toMatch(/--batch <n> +rows per batch \(default: 1024\)/);
    expect(stdout).toMatch(/\nExamples:\n {2}# .+\n {2}concord encode --sae /);
  });
});

describe("a reader that goes away, as head does", () => {
  test("ends no run, and makes nobody see a stack", async () => {
    const folder = temporaryFolder();
    const config = `
name: unread
source: { kind: synthetic, d_in: 8, features: 16, groups: 4, active: 2, held_out_rows: 100 }
population: { d_sae: 16, k: 2 }
training: { batch: 32, steps: 300, log_every: 1 }
`;
    writeFileSync(join(folder, "run.yaml"), config);
    const { child, ended } = startConcord(["run", "run.yaml"], folder);
    child.stdout!.destroy();
    child.stderr!.once("data", () => child.stderr!.destroy());
    expect((await ended).code).toBe(0);
    const record = JSON.parse(readFileSync(join(folder, "runs/unread/run.json"), "utf8"));
    expect(record.status).toBe("finished");

    const schema = startConcord(["schema"], folder);
    schema.child.stdout!.destroy();
    expect(await schema.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("doctor", () => {
  test("says what Concord runs on, and how fast", async () => {
    const folder = temporaryFolder();
    const facts = JSON.parse((await concord(["doctor", "--json"], folder)).stdout);
    expect(["native", "reference"]).toContain(facts.backend.name);
    expect(facts.versions.node).toBe(process.versions.node);
    expect(facts.versions["onnxruntime-node"]).toMatch(/^\d+\.\d+/);
    const { gemm, encode, read } = facts.rates;
    for (const rate of [gemm.gflops, encode.tflops, read.gigabytes_per_second])
      expect(rate).toBeGreaterThan(0);
    const isFound = (tool: string) => spawnSync(tool, ["--version"]).status === 0;
    expect(facts.tools.cmake !== null).toBe(isFound("cmake"));
  });

  test("on the reference backend it takes small problems, and an instruction set that is not there is named", async () => {
    const folder = temporaryFolder();
    const [reference, wrong] = await Promise.all([
      concord(["doctor"], folder, { CONCORD_BACKEND: "reference" }),
      concord(["doctor"], folder, { CONCORD_ISA: "mmx" }),
    ]);
    expect(reference.code).toBe(0);
    expect(reference.stdout).toMatch(/^backend +reference\ninstructions +typescript\n/);
    expect(reference.stdout).toMatch(
      /\nGEMM +\S+ GFLOP\/s in float32, \[128, 128\] × \[128, 128\]\n/,
    );
    if (!wrong.stderr.includes("reference backend")) {
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toMatch(
        /^error: Expected an .*portable.* but received "mmx"\.\n {2}hint/,
      );
    }
  });
});

test("schema prints the schema that is kept in configs/", async () => {
  const { code, stdout } = await concord(["schema"], temporaryFolder());
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(resolve(ROOT, "configs/config.schema.json"), "utf8"));
});
