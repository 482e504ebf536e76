/** `concord ensemble`: bags and boosted chains, as tables, as JSON and as folders. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden/interchange");
const folder = mkdtempSync(join(tmpdir(), "concord-ensemble-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (name: string, population: string) => `name: ${name}
source: { kind: synthetic, d_in: 16, features: 24, groups: 4, active: 2, support: per_sample, held_out_rows: 256 }
population: { d_sae: 24, lr: 0.005, ${population} }
training: { batch: 128, steps: 100 }
`;

beforeAll(async () => {
  for (const [name, population] of [
    ["topk", "members: 2, k: 3"],
    ["relu", "members: 2, architecture: relu"],
    ["one", "k: 2"],
  ] as const)
    writeFileSync(join(folder, `${name}.yaml`), config(name, population));
});

const run = (...args: string[]) => concord(["ensemble", ...args], folder);

const runs = new Map<string, Promise<void>>();

/** Trains a config of one run once. */
function trained(name: string): Promise<void> {
  const known = runs.get(name) ?? train(name);
  runs.set(name, known);
  return known;
}

async function train(name: string): Promise<void> {
  const { code, stderr } = await concord(["run", `${name}.yaml`], folder);
  expect(code, stderr).toBe(0);
}

test("a bag of TopK members: judged next to them, each loadable, and no single SAE", async () => {
  await trained("topk");
  const made = await run("bag", "topk", "--out", "bag", "--config", "topk.yaml", "--json");
  expect(made, made.stderr).toMatchObject({ code: 0, stderr: "" });
  const result = JSON.parse(made.stdout);
  expect(result).toMatchObject({
    out: "bag",
    kind: "bag",
    d_in: 16,
    d_sae: 48,
    k: 6,
    sae: null,
    no_sae: "k latents of each member are not the k largest of all members",
  });
  expect(result.members.map((m: { weight: number }) => m.weight)).toEqual([0.5, 0.5]);
  const file = JSON.parse(readFileSync(join(folder, "bag/ensemble.json"), "utf8"));
  expect(result).toMatchObject({ members: file.members, d_sae: file.d_sae });
  const [bag, first, second] = result.judged;
  expect([bag.name, first.name, second.name]).toEqual(["bag", "member-0", "member-1"]);
  // The mean of two is not worse than the mean of their errors.
  expect(bag.fvu).toBeLessThanOrEqual((first.fvu + second.fvu) / 2);
  expect(bag.l0).toBe(6);
  for (const part of result.judged) {
    expect(part.gt_mcc).toBeGreaterThan(part.gt_mcc_null);
    expect(part.connectivity).toBeGreaterThan(0);
    expect(part.connectivity_rows).toBe(256);
    expect(part.diversity).toBeLessThanOrEqual(part.latents);
  }
  const evaluation = JSON.parse(
    readFileSync(join(folder, "runs/topk/results/evaluation.json"), "utf8"),
  );
  expect(first.fvu).toBeCloseTo(evaluation.members[0].metrics.fvu, 6);
  const check = await concord(["saes", "check", "bag/members/member-0"], folder);
  expect(check.stdout).toContain("gives the codes it was saved with");
  expect(existsSync(join(folder, "bag/sae"))).toBe(false);
});

test("a bag of ReLU members is one SAE, which other commands read", async () => {
  await trained("relu");
  const made = await run("bag", "relu", "--out", "relu-bag", "--config", "relu.yaml");
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).toContain("connectivity over 256 held-out rows");
  expect(made.stdout).toContain("relu-bag/sae: the same as one SAE\n");
  const info = await concord(["saes", "info", "relu-bag/sae", "--json"], folder);
  expect(JSON.parse(info.stdout)[0]).toMatchObject({ d_sae: 48, architecture: "relu" });
});

test("SAEs of other programs make a bag, without rows nothing is judged", async () => {
  const sae = (name: string) => join(GOLDEN, "dictionary_learning", name);
  const saes = [sae("AutoEncoderTopK"), sae("AutoEncoder")];
  const made = await run("bag", ...saes, "--out", "foreign", "--json");
  expect(made.code, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ k: null, judged: [] });
});

test("boost trains its stages once, and says what the chain does", async () => {
  const args = ["boost", "one.yaml", "--stages", "2", "--out", "boosted", "--json"];
  const made = await run(...args);
  expect(made.code, made.stderr).toBe(0);
  const result = JSON.parse(made.stdout);
  expect(result).toMatchObject({
    kind: "boost",
    k: 4,
    runs: ["runs/one-stage-1", "runs/one-stage-2"],
  });
  expect(result.judged.map((p: { name: string }) => p.name)).toEqual(["boost", "stage-1"]);
  expect(result.judged[0].fvu).toBeLessThan(result.judged[1].fvu);
  const again = await run(...args);
  expect(again.stdout).toBe(made.stdout);
  expect(again.stderr).toContain("runs/one-stage-2: finished already");
  const apart = await run("bag", "one-stage-1", "one-stage-2", "--out", "apart");
  expect(apart.stderr).toMatch(/one-stage-1.* and .*one-stage-2.* encode what other SAEs leave/);
  const x = float32Tensor([4, 16], normals("x", 64));
  await writeNpy(join(folder, "x.npy"), x);
  const stage = "runs/one-stage-2/saes/member-0";
  const encoded = await concord(
    ["encode", "--sae", stage, "--input", "x.npy", "--out", "z.safetensors"],
    folder,
  );
  expect(encoded.code, encoded.stderr).toBe(0);
  expect(encoded.stderr).toMatch(/was trained on what runs\/one-stage-1\S* leave of rows/);
  const report = readFileSync(join(folder, "runs/one-stage-2/report.html"), "utf8");
  expect(report).toContain("what an SAE leaves of");
  const plan = await concord(
    ["plan", "one.yaml", "--set", "source.residual_of=[runs/one-stage-1/saes/member-0]", "--json"],
    folder,
  );
  expect(plan.code, plan.stderr).toBe(0);
});

test.each<[string, readonly string[], RegExp]>([
  ["a missing folder", ["bag", "nowhere", "--out", "x"], /There is no run "nowhere"/],
  [
    "one SAE",
    ["bag", join(GOLDEN, "sparsify/topk"), "--out", "x"],
    /Expected at least 2 SAEs but found 1/,
  ],
  [
    "widths that differ",
    ["bag", join(GOLDEN, "sparsify/topk"), "topk", "--out", "x"],
    /one d_in but .*sparsify\/topk has 6 and .*member-0 has 16/,
  ],
  ["one stage", ["boost", "one.yaml", "--stages", "1", "--out", "x"], /at least 2 stages/],
  ["no stages", ["boost", "one.yaml", "--stages", "0", "--out", "x"], /positive integer/],
  [
    "a sweep",
    ["boost", "one.yaml", "--stages", "2", "--out", "x", "--set", "seed=[0, 1]"],
    /config of one run but one.yaml describes 2/,
  ],
])("refused: %s", async (_, args, message) => {
  await trained("topk");
  const ended = await run(...args);
  expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  expect(existsSync(join(folder, "x"))).toBe(false);
});

test("a run that has not finished is refused", async () => {
  await trained("relu");
  const path = join(folder, "runs/relu/run.json");
  const before = readFileSync(path, "utf8");
  writeFileSync(path, before.replace('"status": "finished"', '"status": "interrupted"'));
  const ended = await run("bag", "relu", "--out", "x");
  writeFileSync(path, before);
  expect(ended.stderr).toMatch(/The run runs\/relu has not finished/);
});
