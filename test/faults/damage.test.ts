/**
 * Files that are damaged, missing or unfit, and disks that are full: each verb says so in one line,
 * and keeps what was good.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { serializeSafetensors } from "../../src/formats/safetensors.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, filesBelow } from "../support/cli.ts";
import { resizeMount, withMount } from "../support/mount.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

const [ROWS, D_IN] = [600, 16];

const config = (source: string) => `name: fault
source: { ${source} }
population: { members: 2, d_sae: 32, k: 3 }
training: { batch: 64, steps: 20, log_every: 5, checkpoint_every: 5 }
`;

/** Runs a command that must fail with one line, and at most a hint below it. */
async function failure(cwd: string, args: readonly string[], code: number, line: RegExp) {
  const result = await concord(args, cwd);
  const lines = result.stderr.split("\n").filter((l) => l !== "");
  const errors = lines.slice(lines.findIndex((l) => l.startsWith("error:")));
  expect(errors[0], result.stderr).toMatch(line);
  expect(errors.length).toBeLessThanOrEqual(2);
  expect(result.code).toBe(code);
  return result;
}

const flip = (path: string, at: number) => {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(path, bytes);
};

/** A file that is not there is misuse, one that is damaged a failure. */
const GONE = /gone|no index/;

describe("activations", () => {
  async function store(folder: string): Promise<void> {
    const make = { dIn: D_IN, dtype: "float32", provenance: { kind: "test" } } as const;
    const writer = await openShardWriter({ folder, ...make, blockBytes: 64 * 4 * D_IN });
    await writer.append(normals("x", ROWS * D_IN));
    await writer.finish();
  }

  test.each<[string, (folder: string) => void, RegExp]>([
    ["a shard cut short", (s) => truncateSync(join(s, "shard-00000.bin"), 20_000), /^error: .*store\/shard-00000\.bin.*20000/], // biome-ignore format: one line
    ["a shard with a bit flipped", (s) => flip(join(s, "shard-00000.bin"), 9000), /^error: .*store\/shard-00000\.bin.*checksum/], // biome-ignore format: one line
    ["a shard that is gone", (s) => rmSync(join(s, "shard-00000.bin")), /^error: .*store\/shard-00000\.bin/], // biome-ignore format: one line
    ["an index that is cut", (s) => truncateSync(join(s, "index.json"), 40), /^error: .*store\/index\.json: /], // biome-ignore format: one line
    ["no index", (s) => rmSync(join(s, "index.json")), /^error: .*store/],
  ])("of a store: %s", async (what, damage, line) => {
    const folder = temporaryFolder();
    await store(join(folder, "store"));
    writeFileSync(join(folder, "run.yaml"), config("kind: shards, path: store"));
    damage(join(folder, "store"));
    await failure(folder, ["run", "run.yaml"], GONE.test(what) ? 2 : 1, line);
  });

  test("of an array: cut short, of a wrong width, or one tensor of several", async () => {
    const folder = temporaryFolder();
    const x = float32Tensor([ROWS, D_IN], normals("x", ROWS * D_IN));
    const both = new Map([
      ["a", x],
      ["b", x],
    ]);
    writeFileSync(join(folder, "x.safetensors"), serializeSafetensors(both));
    writeFileSync(join(folder, "cut.safetensors"), serializeSafetensors(new Map([["a", x]])));
    truncateSync(join(folder, "cut.safetensors"), 10_000);
    writeFileSync(join(folder, "cut.npy"), serializeNpy(x));
    truncateSync(join(folder, "cut.npy"), 10_000);
    writeFileSync(join(folder, "x.bin"), Buffer.alloc(1000));
    const cases: [string, string, RegExp, number][] = [
      ["cut1", "path: cut.safetensors", /^error: .*cut\.safetensors/, 1],
      ["cut2", "path: cut.npy", /^error: .*cut\.npy/, 1],
      ["several", "path: x.safetensors", /^error: .*x\.safetensors has 2 tensors/, 2],
      ["width", "path: x.bin, dtype: float32, d_in: 16", /^error: .*x\.bin.*16/, 1],
    ];
    await Promise.all(
      cases.map(([name, source, line, code]) => {
        writeFileSync(join(folder, `${name}.yaml`), config(`kind: arrays, ${source}`));
        return failure(folder, ["run", `${name}.yaml`, "--name", name], code, line);
      }),
    );
  });

  test("with a number that is not finite end the run before its first step; mended data is trained on", async () => {
    const folder = temporaryFolder();
    const data = normals("x", ROWS * D_IN);
    const write = (values: Float32Array) =>
      writeFileSync(join(folder, "x.npy"), serializeNpy(float32Tensor([ROWS, D_IN], values)));
    writeFileSync(join(folder, "run.yaml"), config("kind: arrays, path: x.npy"));
    const holed = data.slice();
    holed[ROWS * D_IN * 0.4] = Number.NaN;
    write(holed);
    const args = ["run", "run.yaml", "--set", "training.checkpoint_every=1"];
    await failure(folder, args, 1, /^error: .*x\.npy: row \d+, column 0 is NaN; the only such row/);
    expect(existsSync(join(folder, "runs/fault/checkpoints"))).toBe(false);
    write(data);
    expect((await concord([...args, "--resume"], folder)).code).toBe(0);
    expect((await concord([...args, "--name", "whole"], folder)).code).toBe(0);
    const saes = (name: string) => filesBelow(join(folder, "runs", name, "saes"));
    expect(saes("fault")).toEqual(saes("whole"));
  });
});

describe("a model", () => {
  const run = (folder: string, code: number, line: RegExp) =>
    failure(
      folder,
      ["collect", "--model", "model", "--hook", TINY_HOOK, "--text", "t.txt", "--out", "store"],
      code,
      line,
    );

  test.each<[string, (folder: string) => void, RegExp]>([
    ["config.json", (m) => rmSync(join(m, "config.json")), /^error: The model folder .*model has no config\.json\.$/], // biome-ignore format: one line
    ["tokenizer.json", (m) => rmSync(join(m, "tokenizer.json")), /^error: The model folder .*model has no tokenizer\.json\.$/], // biome-ignore format: one line
    ["model.safetensors", (m) => rmSync(join(m, "model.safetensors")), /^error: The model folder .*model has no model\.safetensors/], // biome-ignore format: one line
    ["the end of its weights", (m) => truncateSync(join(m, "model.safetensors"), 30_000), /^error: .*model\.safetensors/], // biome-ignore format: one line
    ["the end of its config", (m) => truncateSync(join(m, "config.json"), 30), /^error: .*config\.json: not valid JSON/], // biome-ignore format: one line
  ])("folder without %s", async (what, damage, line) => {
    const folder = temporaryFolder();
    writeTinyModel(join(folder, "model"));
    writeLetters(join(folder, "t.txt"), 2, 200);
    damage(join(folder, "model"));
    await run(folder, what.startsWith("the end") ? 1 : 2, line);
    expect(existsSync(join(folder, "store"))).toBe(false);
  });

  test("without the hook that a config asks for: the nearest names", async () => {
    const folder = temporaryFolder();
    writeTinyModel(join(folder, "model"));
    writeLetters(join(folder, "t.txt"), 2, 200);
    const source = "kind: language_model, model: model, hook: blocks.1.hook_resid, text: t.txt";
    writeFileSync(join(folder, "run.yaml"), config(source));
    const line = /^error: There is no hook "blocks\.1\.hook_resid" in this model\.$/;
    const { stderr } = await failure(folder, ["run", "run.yaml"], 2, line);
    expect(stderr).toMatch(/hint: nearest names: blocks\.1\.hook_resid_\w+, /);
  });
});

describe("an SAE", () => {
  test("damaged in its weights or its config, or gone: encode names the file and leaves older codes", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "run.yaml"),
      config("kind: synthetic, d_in: 16, features: 16, groups: 2, active: 2"),
    );
    expect((await concord(["run", "run.yaml"], folder)).code).toBe(0);
    writeFileSync(
      join(folder, "x.npy"),
      serializeNpy(float32Tensor([40, D_IN], normals("x", 40 * D_IN))),
    );
    writeFileSync(join(folder, "codes.safetensors"), "older");
    const sae = join(folder, "runs/fault/saes/member-0");
    const damages: [string, (path: string) => void, RegExp][] = [
      ["cut", (p) => truncateSync(join(p, "sae_weights.safetensors"), 900), /^error: cut\/sae_weights\.safetensors/], // biome-ignore format: one line
      ["config", (p) => truncateSync(join(p, "cfg.json"), 60), /^error: config\/cfg\.json: not JSON/], // biome-ignore format: one line
      ["gone", (p) => rmSync(join(p, "sae_weights.safetensors")), /^error: Cannot read gone\/sae_weights\.safetensors/], // biome-ignore format: one line
    ];
    await Promise.all(
      damages.map(([name, damage, line]) => {
        cpSync(sae, join(folder, name), { recursive: true });
        damage(join(folder, name));
        const args = ["encode", "--sae", name, "--input", "x.npy", "--out", "codes.safetensors"];
        return failure(folder, args, GONE.test(name) ? 2 : 1, line);
      }),
    );
    expect(readFileSync(join(folder, "codes.safetensors"), "utf8")).toBe("older");
  });
});

describe("a full disk", () => {
  test("ends a run, which goes on to the same bytes when there is room", async ({ skip }) => {
    const folder = temporaryFolder();
    const text = config(
      "kind: synthetic, d_in: 16, features: 32, groups: 2, active: 2, held_out_rows: 200",
    )
      .replace("d_sae: 32", "d_sae: 512")
      .replace("steps: 20", "steps: 200");
    writeFileSync(join(folder, "run.yaml"), text);
    const disk = join(folder, "runs");
    mkdirSync(disk);
    const mounted = await withMount(disk, "size=900k", async () => {
      await failure(folder, ["run", "run.yaml"], 1, /^error: Cannot write .*the disk is full/);
      const kept = readdirSync(join(disk, "fault/checkpoints"));
      expect(kept.filter((name) => /^step-\d+$/.test(name)).length).toBeGreaterThan(0);
      resizeMount(disk, "64m");
      const again = await concord(["run", "run.yaml", "--resume"], folder);
      expect(again.code, again.stderr).toBe(0);
      const elsewhere = ["run", "run.yaml", "--set", "runs_folder=elsewhere"];
      expect((await concord(elsewhere, folder)).code).toBe(0);
      const machine = /^(run\.json|timings\.jsonl|config\.yaml|report\.html)$/;
      expect(filesBelow(join(disk, "fault"), machine)).toEqual(
        filesBelow(join(folder, "elsewhere/fault"), machine),
      );
    });
    if (mounted) return;
    announceSkip("full disk of a run", "a small file system cannot be mounted here");
    skip();
  });

  test("ends a collection, which goes on to the same bytes when there is room", async ({
    skip,
  }) => {
    const folder = temporaryFolder();
    writeTinyModel(join(folder, "model"));
    writeLetters(join(folder, "t.txt"), 60, 2000);
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const collect = (out: string) => [
      "collect",
      "--model",
      "model",
      "--hook",
      TINY_HOOK,
      "--text",
      "t.txt",
      "--dtype",
      "float32",
      "--out",
      out,
    ];
    const mounted = await withMount(disk, "size=6m", async () => {
      await failure(folder, collect("disk/s"), 1, /^error: Cannot write disk\/s.*the disk is full/);
      resizeMount(disk, "64m");
      const again = await concord([...collect("disk/s"), "--json"], folder);
      expect(again.code, again.stderr).toBe(0);
      const { rows, written } = JSON.parse(again.stdout);
      expect(written).toBeLessThan(rows);
      expect((await concord(collect("whole"), folder)).code).toBe(0);
      expect(filesBelow(join(disk, "s"))).toEqual(filesBelow(join(folder, "whole")));
    });
    if (mounted) return;
    announceSkip("full disk of a collection", "a small file system cannot be mounted here");
    skip();
  });
});
