/** `concord compare` with rows: latents matched by activation, SAEs tried on other places. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { loadSae, saveSae } from "../../src/interchange/saelens.ts";
import { reference } from "../support/backends.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";
import { writeLetters, writeTinyModel } from "../support/tiny-model.ts";

const THEIRS = resolve(import.meta.dirname, "../golden/interchange/sparsify/topk");

const folder = mkdtempSync(join(tmpdir(), "concord-compare-activations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(name: string, seed: number, source: string): Promise<void> {
  const config = `name: ${name}
seed: ${seed}
source: ${source}
population: { members: 1, d_sae: 32, k: 4, lr: 0.005 }
training: { batch: 128, steps: 150 }
`;
  writeFileSync(join(folder, `${name}.yaml`), config);
  const ran = await concord(["run", `${name}.yaml`], folder);
  expect(ran.code, ran.stderr).toBe(0);
}

const SYNTHETIC =
  "{ kind: synthetic, d_in: 16, features: 24, groups: 4, active: 2, support: per_sample, held_out_rows: 256, seed: 5 }";
const at = (hook: string) =>
  `{ kind: language_model, model: model, hook: ${hook}, text: letters.txt, held_out_fraction: 0.1 }`;

/** Rows in which ten causes show in two places, through different maps. */
async function writePaired(name: string, rows: number, d: number): Promise<void> {
  const [causes, map] = [normals("causes", rows * 10), normals(`map/${name}`, 10 * d)];
  const x = normals(`noise/${name}`, rows * d, 0.1);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < 10; c++)
      for (let j = 0; j < d; j++) x[r * d + j]! += causes[r * 10 + c]! * map[c * d + j]!;
  await writeNpy(join(folder, name), float32Tensor([rows, d], x));
}

let made: Promise<void> | undefined;

/** Makes what the tests compare, once. */
function prepared(): Promise<void> {
  made ??= prepare();
  return made;
}

async function prepare(): Promise<void> {
  await run("one", 0, SYNTHETIC);
  await run("two", 1, SYNTHETIC);
  await writePaired("x16.npy", 300, 16);
  await writePaired("y16.npy", 300, 16);
  await writePaired("x6.npy", 300, 6);
  await writePaired("short6.npy", 200, 6);
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 4, 2000);
  writeLetters(join(folder, "others.txt"), 5, 1700);
}

/** What `concord compare … --json` says; a failure is a failure of the test. */
async function compared(...args: string[]) {
  await prepared();
  const { code, stdout, stderr } = await concord(["compare", ...args, "--json"], folder);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout);
  expect(result.warnings.every((line: string) => stderr.includes(`warning: ${line}`))).toBe(true);
  return result;
}

/** The one line of `concord compare …` that is refused. */
async function refused(...args: string[]): Promise<string> {
  await prepared();
  const { code, stdout, stderr } = await concord(["compare", ...args], folder);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  return stderr;
}

test("latents are matched by activation, next to shifted rows, tenth by tenth", async () => {
  const { activations, saes, pairs } = await compared("one", "two", "--rows", "x16.npy");
  const [pair] = activations.pairs;
  expect(pair).toMatchObject({ a: "one/member-0", b: "two/member-0", rows: 300 });
  expect(pair.correlation).toBeGreaterThan(pair.correlation_null);
  expect(pair.jaccard).toBeGreaterThan(pair.jaccard_null);
  expect(pair.correlation).toBeGreaterThanOrEqual(pairs[0].codes.correlation);
  expect(pair.correlation_interval[0]).toBeLessThan(pair.correlation);
  expect(pair.deciles).toHaveLength(10);
  expect(pair.deciles[0].density).toBeLessThan(pair.deciles[9].density);
  // One place: nothing is transferred unless asked for.
  expect([pair.transfer, pairs[0].bases_differ]).toEqual([null, false]);
  // Ten causes and a little noise in 16 dimensions.
  expect(activations.rows).toMatchObject([{ path: "x16.npy", rows: 300, d_in: 16 }]);
  expect(saes[0].effective_rank).toBe(activations.rows[0].effective_rank);
  expect(saes[0].effective_rank).toBeGreaterThan(5);
  expect(saes[0].effective_rank).toBeLessThan(10);
});

test("--transfer tries SAEs of one place on the same rows: the maps change nothing", async () => {
  const { activations } = await compared("one", "two", "--rows", "x16.npy", "--transfer");
  const { a_on_b, b_on_a, fitted_on, tried_on } = activations.pairs[0].transfer;
  expect(a_on_b.raw).toBeCloseTo(b_on_a.own, 5);
  expect(a_on_b.procrustes).toBeCloseTo(a_on_b.raw, 3);
  expect(a_on_b.affine).toBeCloseTo(a_on_b.raw, 3);
  expect(a_on_b.procrustes_map_alone).toBeLessThan(1e-6);
  expect([fitted_on, tried_on]).toEqual([150, 150]);
});

test("SAEs of different places get rows of their own, and are tried on each other's", async () => {
  const rows = ["--rows", "one=x16.npy", "--rows", "two=y16.npy"];
  const { activations, pairs } = await compared("one", "two", ...rows, "--out", "out");
  expect(pairs[0].bases_differ).toBe(true);
  const { transfer } = activations.pairs[0];
  for (const direction of [transfer.a_on_b, transfer.b_on_a]) {
    // The causes are the same, so the maps find them.
    expect(direction.procrustes).toBeLessThan(direction.raw);
    expect(direction.affine_map_alone).toBeLessThan(0.05);
  }
  expect(transfer.rows_of_a.rank).toBe(16);
  expect(transfer.rows_of_a.condition).toBeGreaterThan(1);
  expect(transfer.mcc_procrustes_null).toBeGreaterThan(0);
  const page = readFileSync(join(folder, "out/report.html"), "utf8");
  expect(page).toContain("FVU of an SAE on the activations of another place");
  expect(page).toContain("Do frequent latents fire more alike?");
  expect(page).not.toMatch(/NaN|undefined/);
  const table = await concord(["compare", "one", "two", ...rows], folder);
  expect(table.stdout).toMatch(/bases differ$/m);
  expect(table.stdout).toMatch(
    /^FVU of an SAE +on activations of +raw +Procrustes +scaled +affine/m,
  );
});

test("SAEs of different d_in have no cosine but are compared by activation", async () => {
  const rows = ["--rows", "one=x16.npy", "--rows", `${THEIRS}=x6.npy`];
  const { activations, pairs, skipped } = await compared("one", THEIRS, ...rows);
  expect([pairs.length, skipped.length, activations.pairs.length]).toEqual([0, 1, 1]);
  const { transfer, correlation, correlation_null } = activations.pairs[0];
  expect(correlation).toBeGreaterThan(correlation_null);
  expect([transfer.a_on_b.raw, transfer.b_on_a.raw]).toEqual([null, null]);
  // Six dimensions fit into sixteen, not the other way round.
  expect(transfer.a_on_b.procrustes_map_alone).toBeLessThan(1e-6);
  expect(transfer.b_on_a.procrustes_map_alone).toBeGreaterThan(0.1);
});

test("an SAE of another d_in than the rows is left out with a line; the rest is done", async () => {
  const { activations, warnings, saes } = await compared("one", "two", THEIRS, "--rows", "x16.npy");
  expect(activations.pairs).toHaveLength(1);
  expect(saes[2].effective_rank).toBe(null);
  expect(warnings.filter((line: string) => line.includes("d_in 6"))).toEqual([
    `${saes[2].name} encodes rows of d_in 6, but those of x16.npy have 16: no codes to compare.`,
  ]);
});

test("rows that are not of the same things are not compared, and said to be so once", async () => {
  const rows = ["--rows", "x16.npy", "--rows", `${THEIRS}=short6.npy`];
  const { activations, warnings } = await compared("one", "two", THEIRS, ...rows);
  expect(activations.pairs).toHaveLength(1);
  expect(activations.skipped).toHaveLength(2);
  const said = warnings.filter((line: string) => line.includes("short6.npy"));
  expect(said).toEqual([
    "x16.npy has 300 rows and short6.npy has 200: no activations are compared across them.",
  ]);
});

test("too few rows for maps cost the maps only", async () => {
  await prepared();
  await writePaired("few.npy", 15, 16);
  const { activations, warnings } = await compared("one", "two", "--rows", "few.npy", "--transfer");
  expect(activations.pairs[0].transfer).toBe(null);
  expect(activations.pairs[0].correlation).not.toBe(null);
  expect(warnings.at(-1)).toBe(
    "maps of d_in 16 need 64 rows, half of them to be fitted on, not 15: no transfer FVU.",
  );
  expect(warnings).toContain(
    "few.npy has 15 rows in 16 dimensions: they say too little of correlations and effective rank.",
  );
});

test("constant rows and SAEs of which every latent is dead have no correlation", async () => {
  await prepared();
  const ones = float32Tensor([80, 16], new Float32Array(80 * 16).fill(0.5));
  await writeNpy(join(folder, "ones.npy"), ones);
  const constant = await compared("one", "two", "--rows", "ones.npy", "--transfer", "--out", "c");
  expect(constant.activations).toMatchObject({ pairs: [], rows: [{ effective_rank: null }] });
  expect(constant.warnings.at(-1)).toContain("no latent's activation varies over these rows");
  expect(readFileSync(join(folder, "c/report.html"), "utf8")).not.toMatch(/NaN|undefined/);

  const sae = await loadSae(reference, join(folder, "runs/one/saes/member-0"));
  const encoderBias = sae.encoderBias.map(() => -1e6);
  await saveSae(join(folder, "dead"), { ...sae, encoderBias, selection: { kind: "relu" } }, {});
  const dead = await compared("one", "two", "dead", "--rows", "x16.npy");
  expect(dead.saes[2].dead).toBe(32);
  expect(dead.activations.pairs).toHaveLength(1);
  expect(dead.activations.skipped).toHaveLength(2);
  expect(dead.warnings.at(-1)).toMatch(/^dead: no latent's activation varies/);
});

test("rows that name no SAE, or fit none, are refused in one line", async () => {
  expect(await refused("one", "two", "--rows", "three=x16.npy")).toMatch(
    /error: three=x16.npy: no SAE or run here is called "three"\.\n {2}hint: The SAEs are one\/member-0/,
  );
  expect(await refused("one", "two", "--rows", "x6.npy")).toMatch(
    /error: one\/member-0, two\/member-0 encode rows of d_in 16, but those of x6.npy have 6\./,
  );
  expect(await refused("one", "two", "--model", "model")).toContain("--model needs --text");
  expect(await refused("one", "two", "--text", "letters.txt")).toContain(
    "member-0 does not say which model it is of; name it with --model",
  );
  const notStore = await concord(["compare", "one", "two", "--store", "x16.npy"], folder);
  expect(notStore.stderr).toContain("x16.npy is a file, not an activation store.");
});

test("a text through each SAE's own model and hook, as its files say", async () => {
  await prepared();
  await run("low", 2, at("blocks.0.hook_resid_post"));
  await run("high", 3, at("blocks.1.hook_resid_post"));
  const text = ["--text", "letters.txt", "--max-tokens", "3000"];
  const { activations, pairs, saes } = await compared("low", "high", ...text);
  expect(activations.rows).toHaveLength(2);
  expect(activations.rows[0].saes).toEqual(["low/member-0"]);
  expect(pairs[0].bases_differ).toBe(true);
  expect(activations.pairs[0].transfer.a_on_b.procrustes).toBeGreaterThan(0);
  expect(saes[0].effective_rank).not.toBe(saes[1].effective_rank);
  // One hook for both: the rows are then of one place.
  const same = await compared("low", "high", ...text, "--hook", "blocks.0.hook_resid_post");
  expect(same.activations.rows).toHaveLength(1);
  expect(same.warnings.at(-1)).toContain("are of different places but encode the same rows");
});

test("stores are paired by their tokens", async () => {
  const collect = (hook: string, text: string, out: string) =>
    concord(["collect", "--model", "model", "--hook", hook, "--text", text, "--out", out], folder);
  await collect("blocks.0.hook_resid_post", "letters.txt", "store-low");
  await collect("blocks.1.hook_resid_post", "letters.txt", "store-high");
  await collect("blocks.1.hook_resid_post", "others.txt", "store-other");
  const saes = ["low", "high"];
  const paired = ["--store", "low=store-low", "--store", "high=store-high"];
  expect((await compared(...saes, ...paired)).activations.pairs).toHaveLength(1);
  const others = ["--store", "low=store-low", "--store", "high=store-other"];
  const { activations, warnings, pairs } = await compared(...saes, ...others);
  expect([activations.pairs.length, pairs.length]).toEqual([0, 1]);
  expect(activations.rows).toHaveLength(2);
  expect(warnings.at(-1)).toBe(
    "store-low and store-other are of other tokens: no activations are compared across them.",
  );
});

test("stores whose windows cut one text differently are paired where tokens end, with --align", async () => {
  await prepared();
  const args = ["--model", "model", "--hook", "blocks.1.hook_resid_post"];
  const collect = (text: string, out: string, context: string) =>
    concord(["collect", ...args, "--text", text, "--context", context, "--out", out], folder);
  await collect("letters.txt", "store-short", "5");
  await collect("others.txt", "store-others", "5");
  const saes = ["low", "high", "--store", "low=store-low"];
  const short = [...saes, "--store", "high=store-short"];
  expect((await compared(...short)).activations.pairs).toHaveLength(0);
  const { activations, warnings } = await compared(...short, "--align");
  expect(activations.pairs).toHaveLength(1);
  const [{ rows, transfer }] = activations.pairs;
  expect(rows).toBe(activations.rows[0].rows);
  expect(rows).toBeGreaterThan(500);
  expect(transfer.a_on_b.procrustes).toBeGreaterThan(0);
  expect(warnings.join("\n")).toMatch(
    new RegExp(`${rows} rows are at the end of a token of all models`),
  );
  expect(await refused(...saes, "--store", "high=store-others", "--align")).toContain(
    "documents have the same characters in store-low, store-others",
  );
});
