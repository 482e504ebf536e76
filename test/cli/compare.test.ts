/** `concord compare`: SAEs of runs and of other programs, as a table, as JSON and as files. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden/interchange");

const config = (name: string, members: number, seed: number, dSae = 24) => `name: ${name}
seed: ${seed}
source: { kind: synthetic, d_in: 16, features: 24, groups: 4, active: 2, support: per_sample, held_out_rows: 256 }
population: { members: ${members}, d_sae: ${dSae}, k: 4, lr: 0.005 }
training: { batch: 128, steps: 200 }
`;

const folder = mkdtempSync(join(tmpdir(), "concord-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made: Promise<void> | undefined;

/** Trains what the tests compare, once. */
function trained(): Promise<void> {
  made ??= train();
  return made;
}

async function train(): Promise<void> {
  for (const [name, members, seed, dSae] of [
    ["three", 3, 0, 24],
    ["wide", 1, 9, 40],
  ] as const) {
    writeFileSync(join(folder, `${name}.yaml`), config(name, members, seed, dSae));
    const run = await concord(["run", `${name}.yaml`], folder);
    expect(run.code, run.stderr).toBe(0);
  }
}

test("the members of a run: who agrees, next to the null, and every latent with its partners", async () => {
  await trained();
  const compared = await concord(["compare", "three", "--out", "out", "--json"], folder);
  expect(compared.code, compared.stderr).toBe(0);
  const result = JSON.parse(compared.stdout);
  expect(JSON.parse(readFileSync(join(folder, "out/comparison.json"), "utf8"))).toEqual(result);
  expect(result.saes.map((s: { name: string }) => s.name)).toEqual([
    "member-0",
    "member-1",
    "member-2",
  ]);
  expect(result.saes[0]).toMatchObject({ format: "saelens", d_in: 16, d_sae: 24, seed: 0 });
  expect(result.saes[0].dead).toBeGreaterThanOrEqual(0);
  expect(result.pairs).toHaveLength(3);
  for (const pair of result.pairs) {
    expect(pair.mcc).toBeGreaterThan(pair.mcc_null);
    expect(pair.mcc_interval[0]).toBeLessThan(pair.mcc);
    expect(Object.keys(pair.shared)).toEqual(["0.5", "0.7", "0.9"]);
  }
  // The run measured the same.
  const own = JSON.parse(readFileSync(join(folder, "runs/three/results/consistency.json"), "utf8"));
  expect(result.pw_mcc.mean).toBeCloseTo(own.pw_mcc.mean, 6);
  expect(result.pairs[0].mean_max[0]).toBeCloseTo(own.pairs[0].mean_max[0], 6);

  const page = readFileSync(join(folder, "out/report.html"), "utf8");
  expect(page).toContain(`PW-MCC is <strong>${result.pw_mcc.mean.toFixed(3)}</strong>`);
  for (const title of ["Agreement of every pair", "Hits and misses", "How unique latents become"])
    expect(page).toContain(title);
  expect(page).not.toMatch(/NaN|undefined/);

  const [header, ...lines] = readFileSync(join(folder, "out/latents.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(header).toBe(
    "sae,latent,recurs_in,of,mean_cosine,lowest_cosine,alignment,density,partners",
  );
  expect(lines).toHaveLength(3 * 24);
  const always = lines.filter((l) => l.startsWith("member-0,") && l.split(",")[2] === "2");
  expect(always.length / 24).toBeCloseTo(result.saes[0].shared_in.always, 10);
});

test("a table for people, also of runs of different widths", async () => {
  await trained();
  const compared = await concord(["compare", "three", "wide"], folder);
  expect(compared.code, compared.stderr).toBe(0);
  expect(compared.stdout).toMatch(/three\/member-0 – wide\/member-0/);
  expect(compared.stdout).toMatch(
    /^PW-MCC \S+ ± \S+ over pairs, 95 % \S+ to \S+ over SAEs; unrelated dictionaries: \S+$/m,
  );
});

test("one latent, in a table and as JSON; and what does not go with it", async () => {
  await trained();
  const text = await concord(["compare", "three", "wide", "--latent", "3"], folder);
  expect(text.code, text.stderr).toBe(0);
  expect(text.stdout).toMatch(/^latent 3 of three\/member-0$/m);
  const command = ["compare", "three", "--latent", "member-1:3", "--json"];
  const { code, stdout, stderr } = await concord(command, folder);
  expect(code, stderr).toBe(0);
  const { sae, latent, others } = JSON.parse(stdout);
  expect([sae, latent, others.length]).toEqual(["member-1", 3, 2]);
  for (const { nearest, rebuilt, rebuilt_null } of others) {
    expect(nearest[0].cosine).toBeGreaterThanOrEqual(nearest[1].cosine);
    expect(rebuilt.length).toBe(rebuilt_null.length);
  }
  const refused = await concord([...command, "--write-metadata"], folder);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("--latent prints one latent and takes no --write-metadata.");
});

test("starts are kept by the run and shown, and a table is written only where asked", async () => {
  await trained();
  const member = join(folder, "runs/three/saes/member-0");
  const weights = readFileSync(join(member, "sae_weights.safetensors"));
  const config = readFileSync(join(member, "cfg.json"), "utf8");
  const plain = await concord(["compare", "three", "--json"], folder);
  for (const { step_0 } of JSON.parse(plain.stdout).pairs)
    expect(Math.abs(step_0.mean_max - step_0.mean_max_null)).toBeLessThan(0.15);
  expect(readFileSync(join(member, "cfg.json"), "utf8")).toBe(config);
  const written = await concord(["compare", "three", "--write-metadata", "--json"], folder);
  expect(written.stdout).toBe(plain.stdout);
  expect(readFileSync(join(member, "sae_weights.safetensors"))).toEqual(weights);
  expect(JSON.parse(readFileSync(join(member, "cfg.json"), "utf8")).metadata).toMatchObject({
    concord_latents: "concord_latents.safetensors",
  });
  const again = await concord(["compare", "three", "--json"], folder);
  expect(again.stdout).toBe(plain.stdout);
});

test("what cannot be read is left out, the rest is printed, and the command fails", async () => {
  await trained();
  const torn = join(folder, "torn");
  cpSync(join(folder, "runs/wide/saes/member-0"), torn, { recursive: true });
  writeFileSync(join(torn, "sae_weights.safetensors"), "not tensors");
  const { code, stdout, stderr } = await concord(["compare", "torn", "three", "--json"], folder);
  expect(code).toBe(1);
  const { pairs, left_out } = JSON.parse(stdout);
  expect([pairs.length, left_out.length]).toEqual([3, 1]);
  expect(stderr).toMatch(/^warning: torn is left out\. \S*sae_weights\.safetensors/m);
  expect(stderr).toMatch(/^error: Compared 3 SAEs, without torn\.$/m);
});

test("folders of other programs are compared with each other, whatever saved them", async () => {
  await trained();
  const theirs = join(GOLDEN, "dictionary_learning");
  const compared = await concord(
    ["compare", join(GOLDEN, "sparsify/topk"), theirs, "three", "--json"],
    folder,
  );
  expect(compared.code, compared.stderr).toBe(0);
  const { saes, pairs, skipped } = JSON.parse(compared.stdout);
  const formats = new Set(saes.map((s: { format: string }) => s.format));
  expect(formats).toEqual(new Set(["sparsify", "dictionary_learning", "saelens"]));
  // Ten of theirs with d_in 6, three of ours with d_in 16.
  expect([pairs.length, skipped.length]).toEqual([45 + 3, 30]);
  expect(compared.stderr).toContain("atoms of different spaces have no cosine");
});

test("members that started from one seed are said to agree for that reason too", async () => {
  await trained();
  writeFileSync(join(folder, "again.yaml"), config("again", 1, 1));
  expect((await concord(["run", "again.yaml"], folder)).code).toBe(0);
  const { stderr } = await concord(["compare", "three", "again"], folder);
  expect(stderr).toMatch(/warning: three\/member-1, again\/member-0 have the seed 1 and one shape/);
});

test("what cannot be compared is named in one line", async () => {
  await trained();
  const line = async (...args: string[]) => {
    const { code, stderr, stdout } = await concord(["compare", ...args], folder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    return stderr;
  };
  expect(await line("nothing")).toContain('There is no run "nothing" in runs.');
  expect(await line("wide")).toContain("Expected at least two SAEs to compare but found only");
  mkdirSync(join(folder, "empty"), { recursive: true });
  expect(await line("empty", "three")).toContain(
    "empty is neither a run nor the folder of an SAE.",
  );
  const damaged = join(folder, "damaged");
  cpSync(join(GOLDEN, "sparsify/topk"), damaged, { recursive: true });
  writeFileSync(join(damaged, "sae.safetensors"), "not tensors");
  const { code, stderr } = await concord(["compare", "damaged", "three"], folder);
  expect(code).toBe(1);
  expect(stderr).toContain("damaged/sae.safetensors");
});

test("a consensus is saved as an SAE, says what it is made of, and is judged next to the members", async () => {
  await trained();
  const command = ["consensus", "three", "--tau", "0.6", "--out", "agreed"];
  const made = await concord([...command, "--config", "three.yaml", "--json"], folder);
  expect(made.code, made.stderr).toBe(0);
  const { latents, groups_by_members: sizes, judged } = JSON.parse(made.stdout);
  // Every latent of the three is in one group.
  expect(sizes[0] + 2 * sizes[1] + 3 * sizes[2]).toBe(3 * 24);
  expect(latents).toBe(sizes[1] + sizes[2]);
  expect(judged.map((j: { name: string }) => j.name)).toEqual([
    "consensus",
    "member-0",
    "member-1",
    "member-2",
  ]);
  const results = JSON.parse(
    readFileSync(join(folder, "runs/three/results/evaluation.json"), "utf8"),
  );
  expect(judged[1].fvu).toBeCloseTo(results.members[0].metrics.fvu, 6);
  for (const { gt_mcc, gt_mcc_null } of judged) expect(gt_mcc).toBeGreaterThan(gt_mcc_null);
  const lines = readFileSync(join(folder, "agreed/groups.csv"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(1 + latents);
  expect(lines[1]).toMatch(/^0,3,[\d.]+,member-0:\d+ member-1:\d+ member-2:\d+$/);

  const compared = await concord(["compare", "agreed", "three", "--json"], folder);
  expect(compared.code, compared.stderr).toBe(0);
  expect(JSON.parse(compared.stdout).saes[0]).toMatchObject({ name: "agreed", d_sae: latents });

  const none = await concord([...command, "--min-members", "3", "--tau", "1"], folder);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("No latent is in enough of the SAEs.");
});

test("a consensus is refitted on a config's rows, and filled up to the width of an SAE", async () => {
  await trained();
  const command = ["consensus", "three", "--min-members", "3", "--out", "refitted", "--fill"];
  const refit = ["--refit", "100", "--config", "three.yaml", "--json"];
  const made = await concord([...command, ...refit], folder);
  expect(made.code, made.stderr).toBe(0);
  const { latents, judged } = JSON.parse(made.stdout);
  expect(latents).toBe(24);
  expect(judged[0].name).toBe("consensus, averaged");
  expect(judged[1].name).toBe("consensus, refitted");
  expect(judged[1].fvu).toBeLessThan(judged[0].fvu);
  const lines = readFileSync(join(folder, "refitted/groups.csv"), "utf8").trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^23,1,1\.000000,member-0:\d+$/);

  const without = await concord([...command, "--refit", "100"], folder);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain("--refit needs rows to train on.");
});

test("rows through every SAE say whether matched latents fire alike, and which never do", async () => {
  await trained();
  const x = normals("rows", 300 * 16);
  await writeNpy(join(folder, "x.npy"), float32Tensor([300, 16], x));
  const compared = await concord(["compare", "three", "--rows", "x.npy", "--json"], folder);
  expect(compared.code, compared.stderr).toBe(0);
  for (const { codes } of JSON.parse(compared.stdout).pairs) {
    expect(codes.jaccard).toBeGreaterThan(codes.jaccard_null);
    expect(codes.correlation).toBeGreaterThan(codes.correlation_null);
    expect(codes.latents).toBeLessThanOrEqual(24);
  }
});

test("a row that is not finite is named by file, row and column, and no input is written over", async () => {
  await trained();
  const x = normals("rows", 20 * 16);
  x[7 * 16 + 2] = Number.NaN;
  await writeNpy(join(folder, "nan.npy"), float32Tensor([20, 16], x));
  const rows = await concord(["compare", "three", "--rows", "nan.npy"], folder);
  expect(rows.code).toBe(1);
  expect(rows.stderr).toContain("nan.npy: row 7, column 2 is NaN");

  const member = "runs/three/saes/member-0";
  const before = readFileSync(join(folder, member, "cfg.json"));
  for (const command of [
    ["consensus", "three", "--tau", "-1", "--out", member],
    ["saes", "convert", member, "--out", `./${member}/`],
  ]) {
    const { code, stderr } = await concord(command, folder);
    expect(code).toBe(2);
    expect(stderr).toContain("is one of the SAEs that are read.");
  }
  expect(readFileSync(join(folder, member, "cfg.json"))).toEqual(before);
});
