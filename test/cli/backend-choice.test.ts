/**
 * The environment decides which instruction set and how many threads a run uses; the number of
 * threads changes no byte of it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { backendNames, nativeIsas } from "../support/backends.ts";
import { concord, filesBelow } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Nothing is a multiple of anything; the wide members are screened in half precision where there is
// such a screen.
const CONFIG = `name: r
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 37, features: 53, groups: 4, active: 3, held_out_rows: 111 }
population:
  members: 2
  architecture: topk
  d_sae: 387
  k: 3
  lr: 0.002
  overrides: [{}, { architecture: relu, d_sae: 71 }]
coupling: { weight: 1 }
training: { batch: 97, steps: 6, log_every: 2, checkpoint_every: 100 }
`;

async function run(env: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "r.yaml"), CONFIG);
  const ended = await concord(["run", "r.yaml"], folder, env);
  return { ...ended, folder: join(folder, "runs/r") };
}

// Every run is a process of its own.
vi.setConfig({ testTimeout: 240_000 });

/** What must not depend on the moment. */
const files = (folder: string) =>
  filesBelow(folder, /run\.json|timings\.jsonl|report\.html|config/);

describe.each([...nativeIsas])("CONCORD_ISA=%s", (isa) => {
  test("is what the run uses, with the same bytes for one and for two threads", async () => {
    const [one, two] = [
      await run({ CONCORD_ISA: isa, CONCORD_THREADS: "1" }),
      await run({ CONCORD_ISA: isa, CONCORD_THREADS: "2" }),
    ];
    for (const [threads, { code, folder, stderr }] of [one, two].entries()) {
      expect(code, stderr).toBe(0);
      const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
      expect(record.backend).toEqual({ name: "native", isa, threads: threads + 1 });
    }
    expect(files(one.folder).size).toBeGreaterThan(8);
    expect(files(two.folder)).toEqual(files(one.folder));
  });
});

describe("what the environment asks for in vain", () => {
  test.skipIf(nativeIsas.length === 0)(
    "an instruction set is answered with those there are",
    async () => {
      const { code, stderr } = await run({ CONCORD_ISA: "sse9" });
      expect(stderr).toMatch(
        new RegExp(
          `^error: Expected an instruction set of this machine \\(${nativeIsas.join(", ")}\\) but received "sse9"`,
        ),
      );
      expect(code).toBe(2);
    },
  );

  test.each(["0", "two", "1.5", "-1"])("%s threads is misuse", async (threads) => {
    const { code, stderr } = await run({ CONCORD_THREADS: threads });
    expect(stderr).toBe(
      `error: Expected a positive integer for CONCORD_THREADS but received "${threads}".\n`,
    );
    expect(code).toBe(2);
  });

  test("a backend is answered with those there are", async () => {
    const { code, stderr } = await run({ CONCORD_BACKEND: "gpu" });
    expect(stderr).toMatch(/^error: Expected auto, native or reference for CONCORD_BACKEND/);
    expect(code).toBe(2);
  });
});

test("the reference backend can be asked for where the native core is there", async () => {
  expect(backendNames).toContain("reference");
  const { code, folder, stderr } = await run({ CONCORD_BACKEND: "reference" });
  expect(code, stderr).toBe(0);
  const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
  expect(record.backend).toEqual({ name: "reference", isa: "typescript", threads: 1 });
});
