/**
 * What goes wrong ends with one clear line and the right exit code, and what was good before is
 * still there.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord } from "../support/cli.ts";
import { withReadOnly } from "../support/mount.ts";
import { normals } from "../support/random.ts";

const folder = mkdtempSync(join(tmpdir(), "concord-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = `name: fault
source: { kind: synthetic, generator: mfr, d_in: 16, features: 32, groups: 2, active: 3, held_out_rows: 200 }
population: { members: 2, architecture: topk_tied, d_sae: 32, k: 3, lr: 0.003 }
coupling: { weight: 1 }
training: { batch: 64, steps: 60, log_every: 10, checkpoint_every: 20, keep_checkpoints: 3 }
`;

function workspace(name: string, config = CONFIG): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "run.yaml"), config);
  return path;
}

/** The last line of stderr that is an error, and its hint. */
function errorLines(stderr: string): string[] {
  const lines = stderr.split("\n").filter((line) => line !== "");
  return lines.slice(lines.findIndex((line) => line.startsWith("error:")));
}

async function expectFailure(cwd: string, args: readonly string[], code: number, line: RegExp) {
  const result = await concord(args, cwd);
  const lines = errorLines(result.stderr);
  expect(lines[0], result.stderr).toMatch(line);
  // One line, and at most a hint below it.
  expect(lines.length).toBeLessThanOrEqual(2);
  expect(result.code).toBe(code);
  return result;
}

describe("a config that cannot be run", () => {
  test.each([
    ["an unknown key", "kk: 3", /^error: run\.yaml:\d+: unknown key population\.kk\.$/],
    [
      "k above d_sae",
      "k: 33",
      /^error: Expected an integer from 1 to d_sae \(32\) for k but received 33/,
    ],
    ["a wrong type", "k: many", /^error: run\.yaml:\d+: population\.k: .+\.$/],
  ])("with %s names it", async (_name, change, line) => {
    const text = CONFIG.replace("k: 3,", `${change},`);
    await expectFailure(workspace("config", text), ["run", "run.yaml"], 2, line);
  });

  test("with broken YAML names the line", async () => {
    const path = workspace("yaml", `${CONFIG}training: [`);
    await expectFailure(path, ["run", "run.yaml"], 2, /^error: run\.yaml:\d+: /);
  });

  test("that is not there is named", async () => {
    await expectFailure(folder, ["run", "none.yaml"], 2, /^error: .*none\.yaml/);
  });
});

test("a loss that is not finite names step and member and leaves the checkpoints", async () => {
  const path = workspace("nan", CONFIG.replace("lr: 0.003", "lr: 1.0e+30"));
  await expectFailure(
    path,
    ["run", "run.yaml"],
    1,
    /^error: Step \d+, member-\d: (The loss is (NaN|Infinity)(, first in row \d+ of the batch)?|Latent \d+ is not finite any more)\.$/,
  );
  const record = JSON.parse(readFileSync(join(path, "runs/fault/run.json"), "utf8"));
  expect(record.status).toBe("failed");
});

test("activations that are not finite name the file and its row", async () => {
  const data = normals("x", 400 * 16);
  data[100 * 16 + 3] = Number.NaN;
  const path = workspace(
    "nan-data",
    CONFIG.replace(/source: .*/, "source: { kind: arrays, path: x.npy }"),
  );
  writeFileSync(join(path, "x.npy"), serializeNpy(float32Tensor([400, 16], data)));
  await expectFailure(
    path,
    ["run", "run.yaml"],
    1,
    /^error: .*x\.npy: row 100, column 3 is NaN; the only such row of 400 \(counted from 0\)\.$/,
  );
});

test("a file with NaN in a dimension is refused before memory is taken", async () => {
  const path = workspace(
    "lying",
    CONFIG.replace(/source: .*/, "source: { kind: arrays, path: x.npy }"),
  );
  const bytes = serializeNpy(float32Tensor([4, 4], new Float32Array(16)));
  const text = Buffer.from(bytes).toString("latin1").replace("(4, 4)", "(4e9)   ".slice(0, 6));
  writeFileSync(join(path, "x.npy"), Buffer.from(text, "latin1"));
  await expectFailure(path, ["run", "run.yaml"], 1, /^error: .*x\.npy/);
});

test("a run that failed before it began leaves its name to the next", async () => {
  const path = workspace("nothing");
  const wrong = ["run", "run.yaml", "--set", "population.k=99"];
  await expectFailure(path, wrong, 2, /^error: Expected an integer from 1 to d_sae \(32\) for k/);
  await expectFailure(
    path,
    [...wrong, "--resume"],
    2,
    /^error: Expected an integer from 1 to d_sae/,
  );
  expect((await concord(["run", "run.yaml"], path)).code).toBe(0);
  await expectFailure(path, wrong, 2, /^error: The run runs\/fault exists already\.$/);
});

test("a coupling that has nothing to couple is refused", async () => {
  const path = workspace("alone");
  const alone = ["run", "run.yaml", "--set", "population.members=1"];
  await expectFailure(path, alone, 2, /^error: coupling needs two members at least/);
});

describe("a run that exists", () => {
  let made: Promise<string> | undefined;
  const existing = () => {
    made ??= (async () => {
      const path = workspace("exists");
      expect((await concord(["run", "run.yaml"], path)).code).toBe(0);
      return path;
    })();
    return made;
  };

  test("is not overwritten", async () => {
    await expectFailure(
      await existing(),
      ["run", "run.yaml"],
      2,
      /^error: The run runs\/fault exists already\.$/,
    );
  });

  test("is not continued with another config", async () => {
    const args = ["run", "run.yaml", "--resume", "--set", "population.lr=0.1"];
    await expectFailure(
      await existing(),
      args,
      2,
      /^error: The run runs\/fault was started with another config\.$/,
    );
  });

  test("killed between its last checkpoint and the removal of older ones, it keeps no more than others", async () => {
    const copy = join(folder, "not yet removed");
    cpSync(await existing(), copy, { recursive: true });
    const run = join(copy, "runs/fault");
    rmSync(join(run, "results"), { recursive: true });
    const checkpoints = join(run, "checkpoints");
    const kept = readdirSync(checkpoints).sort();
    cpSync(join(checkpoints, kept[0]!), join(checkpoints, "step-000001"), { recursive: true });
    const result = await concord(["run", "run.yaml", "--resume"], copy);
    expect(result.code, result.stderr).toBe(0);
    expect(readdirSync(checkpoints).sort()).toEqual(kept);
  });

  test.each([
    ["truncated", (file: string) => truncateSync(file, 1000)],
    [
      "with one byte changed",
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 5]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
  ])(
    "with its newest checkpoint %s goes on from the one before, to the same bytes",
    async (name, damage) => {
      const path = await existing();
      const copy = join(folder, `damaged ${name}`);
      cpSync(path, copy, { recursive: true });
      const run = join(copy, "runs/fault");
      rmSync(join(run, "results"), { recursive: true });
      rmSync(join(run, "saes"), { recursive: true });
      const newest = readdirSync(join(run, "checkpoints")).sort().at(-1)!;
      damage(join(run, "checkpoints", newest, "state.safetensors"));
      const result = await concord(["run", "run.yaml", "--resume"], copy);
      expect(result.code, result.stderr).toBe(0);
      expect(result.stderr).toMatch(
        /warning: Checkpoint step-000060 cannot be used: .*SHA-256 differs/,
      );
      for (const file of [
        "metrics.jsonl",
        "saes/member-0/sae_weights.safetensors",
        "results/consistency.json",
      ])
        expect(
          readFileSync(join(run, file)).equals(readFileSync(join(path, "runs/fault", file))),
          file,
        ).toBe(true);
    },
  );
});

test("a read-only folder is named", async ({ skip }) => {
  const path = workspace("readonly");
  const runs = join(path, "runs");
  mkdirSync(runs);
  const refused = await withReadOnly(runs, async () => {
    await expectFailure(path, ["run", "run.yaml"], 1, /^error: .*runs\/fault.* read-only/);
  });
  if (announceSkip("run into a read-only folder", refused)) skip();
});
