/** Comparisons of saved SAEs, whatever is wrong with some of them. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { float32Tensor } from "../../base/tensor.ts";
import { writeNpy } from "../../formats/npy.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors-file.ts";
import { readSae } from "../../interchange/formats.ts";
import { LATENT_TABLE_FILE, writeLatentTable } from "../../interchange/latent-metadata.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { compareFolders } from "./compare-folders.ts";
import { compareLatent } from "./compare-latent.ts";
import { comparisonJson } from "./comparison-json.ts";
import { allLatentTensors, latentMetadata, latentTensors } from "./latent-table.ts";
import { compareReport } from "./report/compare-report.ts";

const SPARSIFY = resolve(import.meta.dirname, "../../../test/golden/interchange/sparsify/topk");

interface Shape {
  readonly dSae?: number;
  readonly dIn?: number;
  /** Of all encoder biases; far below zero, no latent fires. */
  readonly bias?: number;
  /** How far the atoms are from those of SAEs of the same shape. */
  readonly noise?: number;
}

/** Saves a ReLU SAE in the folder `root/name`. @returns its path. */
async function saved(
  root: string,
  name: string,
  { dSae = 12, dIn = 8, bias = 0, noise = 0.3 }: Shape = {},
): Promise<string> {
  const common = normals("common", dSae * dIn);
  const own = normals(name, dSae * dIn, noise);
  const decoder = common.map((v, i) => v + own[i]!);
  const folder = join(root, name);
  await saveSae(folder, {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn,
    dSae,
    encoder: decoder.slice(),
    decoder,
    encoderBias: new Float32Array(dSae).fill(bias),
    decoderBias: new Float32Array(dIn),
  });
  return folder;
}

const everything = (names: string[], rows?: string) =>
  compareFolders(reference, { names, ...(rows === undefined ? {} : { rows: { path: rows } }) });

/** The page and the JSON hold numbers or say that there is none. */
function expectClean(comparison: Awaited<ReturnType<typeof everything>>) {
  expect(compareReport(comparison)).not.toMatch(/NaN|undefined|Infinity/);
  return JSON.parse(JSON.stringify(comparisonJson(comparison)));
}

test("every measure stands next to its null and its interval", async () => {
  const root = temporaryFolder();
  const names = ["a", "b", "c", "d"].map((name) => saved(root, name));
  const wide = saved(root, "wide", { dSae: 20, noise: 0.7 });
  const comparison = await everything(await Promise.all([...names, wide]));
  const json = expectClean(comparison);
  const page = compareReport(comparison);
  for (const title of ["Hits and misses", "The same above the null", "share a subspace", "Means"])
    expect(page).toContain(title);
  expect(page).toContain("random dictionaries");
  for (const pair of json.pairs) {
    expect(pair.stability_exact).toBeGreaterThan(-1);
    for (const { value, null: none, shuffled } of Object.values<Record<string, number>>(
      pair.representation,
    )) {
      expect(Math.max(value!, none!, shuffled!)).toBeLessThan(1.00001);
      if (!pair.a.endsWith("wide") && !pair.b.endsWith("wide"))
        expect(value).toBeGreaterThan(shuffled!);
    }
    expect(pair.subspaces.ranks).toEqual([1, 2, 4, 8]);
    expect(pair.subspaces.overlap[3]).toBeCloseTo(1, 4);
    expect(pair.subspaces.overlap_null).toEqual([1 / 8, 2 / 8, 4 / 8, 1]);
    expect(pair.alive).toBeNull();
    expect(pair.step_0).toBeNull();
    expect(pair.splits === null).toBe(!pair.b.endsWith("wide"));
  }
  const { stability, unique_decay, diversity } = json.saes[0];
  expect(stability.relaxed.value).toBeGreaterThan(stability.relaxed.null);
  expect(stability.relaxed.interval[0]).toBeLessThan(stability.relaxed.value);
  expect(unique_decay.rms_error).toBeLessThan(0.1);
  expect(diversity.of).toBe(12);
  const { wide: wideName, by_children, orphans, parents } = json.pairs.at(-1).splits;
  expect(wideName).toMatch(/wide$/);
  expect(by_children.reduce((sum: number, n: number) => sum + n)).toBe(12);
  expect(orphans).toBeLessThan(20);
  for (const { children } of parents) expect(children.length).toBeGreaterThan(1);
  expect(json.pairwise.svcca.interval).toHaveLength(2);
});

test("SAEs of different d_in are skipped by name, and the others compared", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a"), await saved(root, "b")];
  const comparison = await everything([...names, await saved(root, "narrow", { dIn: 5 })]);
  const json = expectClean(comparison);
  expect([json.pairs.length, json.skipped.length]).toEqual([1, 2]);
  expect(json.saes[2]).toMatchObject({ stability: null, shared_in_both: null });
  expect(comparison.warnings.join("\n")).toContain("d_in 8 and 5");
});

test.each([
  ["one latent", { dSae: 1 }],
  ["two latents in one dimension", { dSae: 2, dIn: 1 }],
])("SAEs of %s have the measures that exist", async (_, shape) => {
  const root = temporaryFolder();
  const names = [await saved(root, "a", shape), await saved(root, "b", shape)];
  const json = expectClean(await everything(names));
  expect(json.pairs[0].representation).toBeNull();
  expect(json.pairs[0].mcc_interval === null).toBe(shape.dSae === 1);
  expect(json.saes[0].unique_decay).toBeNull();
});

test("an SAE whose latents are all dead is named, and left out of means without dead latents", async () => {
  const root = temporaryFolder();
  const rows = join(root, "rows.npy");
  await writeNpy(rows, float32Tensor([50, 8], normals("rows", 400)));
  const names = [
    await saved(root, "a"),
    await saved(root, "b", { bias: -0.5 }),
    await saved(root, "dead", { bias: -1e6 }),
  ];
  const comparison = await everything(names, rows);
  const json = expectClean(comparison);
  expect(comparison.warnings).toEqual([
    "No latent of dead fired: measures without dead latents leave it out.",
    "dead: no latent's activation varies over these rows: no activations are compared across them.",
  ]);
  expect(json.saes.map((s: { dead: number }) => s.dead)).toEqual([0, 0, 12]);
  expect(json.pairs.map((p: { alive: unknown }) => p.alive !== null)).toEqual([true, false, false]);
  expect(json.pairs[0].alive).toMatchObject({ latents: [12, 12], mcc: json.pairs[0].mcc });
  expect(json.pw_mcc_alive.mean).toBeGreaterThan(json.pw_mcc.mean - 1);
});

test("dead latents are left out where they are known", async () => {
  const root = temporaryFolder();
  const rows = join(root, "rows.npy");
  await writeNpy(rows, float32Tensor([50, 8], normals("rows", 400)));
  const folder = await saved(root, "some", { noise: 0 });
  const file = join(folder, "sae_weights.safetensors");
  const { tensors } = await readSafetensors(file);
  (tensors.get("b_enc")!.data as Float32Array).fill(-1e6, 0, 5);
  const decoder = tensors.get("W_dec")!.data as Float32Array;
  decoder.set(normals("other", 40), 0);
  await writeSafetensors(file, tensors);
  const json = expectClean(await everything([folder, await saved(root, "a", { noise: 0 })], rows));
  expect(json.pairs[0].alive.latents).toEqual([7, 12]);
  expect(json.pairs[0].alive.mcc).toBeCloseTo(1, 5);
  expect(json.pairs[0].mcc).toBeLessThan(0.9);
  expect(json.saes[0].shared_in_alive.always).toBe(1);
});

test("what cannot be read is named in a line with what to do, and the rest is compared", async () => {
  const root = temporaryFolder();
  const good = [await saved(root, "a"), await saved(root, "b")];
  const damaged = await saved(root, "damaged");
  writeFileSync(join(damaged, "sae_weights.safetensors"), "not tensors");
  mkdirSync(join(root, "runs/half"), { recursive: true });
  writeFileSync(join(root, "runs/half/run.json"), "{}");
  const names = [...good, damaged, "half"];
  const comparison = await compareFolders(reference, { names, root: join(root, "runs") });
  expect(comparison.pairs).toHaveLength(1);
  expect(comparison.leftOut).toHaveLength(2);
  expect(comparison.warnings[0]).toMatch(/half is left out\. .*has no SAEs yet\. .*--resume/);
  expect(comparison.warnings[1]).toMatch(/^damaged is left out\. .*sae_weights\.safetensors/);
  for (const warning of comparison.warnings) expect(warning).not.toContain("\n");
  expect(comparisonJson(comparison).left_out).toEqual(comparison.leftOut);
  await expect(everything([good[0]!, damaged])).rejects.toThrow("sae_weights.safetensors");
  const latent = await compareLatent(reference, { names: [...good, damaged], latent: "0" });
  expect([latent.others.length, latent.leftOut.length]).toEqual([1, 1]);
});

test("the table of latents: partners and cosines by SAE, the same as in the list", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a"), await saved(root, "b"), await saved(root, "c")];
  const comparison = await everything(names);
  const table = latentTensors(comparison, 1);
  const partners = table.get("partners")!;
  expect(partners).toMatchObject({ dtype: "int32", shape: [3, 12] });
  expect(Array.from(partners.data.slice(12, 24) as Int32Array)).toEqual(new Array(12).fill(-1));
  const cosines = table.get("partner_cosines")!.data as Float32Array;
  for (const [latent, found] of comparison.saes[1]!.latents.entries())
    for (const { sae, latent: partner, cosine } of found.partners) {
      expect(partners.data[sae * 12 + latent]).toBe(partner);
      expect(cosines[sae * 12 + latent]).toBeCloseTo(cosine, 6);
    }
  expect(table.has("density")).toBe(false);
  expect([...allLatentTensors(comparison).keys()]).toContain("c.recurs_in");
});

test("a table written into the folders leaves weights and readers as they were", async () => {
  const root = temporaryFolder();
  const theirs = join(root, "theirs");
  cpSync(SPARSIFY, theirs, { recursive: true });
  const ours = await saved(root, "ours", { dSae: 12, dIn: 6 });
  const before = (folder: string, file: string) => readFileSync(join(folder, file));
  const weights = before(ours, "sae_weights.safetensors");
  const kept = readdirSync(theirs).map((file) => [file, before(theirs, file)] as const);
  const comparison = await everything([ours, theirs]);
  const first = JSON.stringify(comparisonJson(comparison));
  for (let times = 0; times < 2; times++)
    for (const [i, { folder }] of comparison.saes.entries())
      await writeLatentTable(folder, latentTensors(comparison, i), latentMetadata(comparison));
  expect(before(ours, "sae_weights.safetensors")).toEqual(weights);
  for (const [file, bytes] of kept) expect(before(theirs, file)).toEqual(bytes);
  const { metadata } = JSON.parse(readFileSync(join(ours, "cfg.json"), "utf8"));
  expect(metadata.concord_latents).toBe(LATENT_TABLE_FILE);
  const { tensors, metadata: made } = await readSafetensors(join(theirs, LATENT_TABLE_FILE));
  expect(tensors.get("recurs_in")!.shape).toEqual([comparison.saes[1]!.dSae]);
  expect(made).toEqual({ saes: '["ours","theirs"]', recurs_from: "0.7" });
  expect((await readSae(reference, theirs)).format).toBe("sparsify");
  expect(JSON.stringify(comparisonJson(await everything([ours, theirs])))).toBe(first);
});

test("one latent: its nearest atoms elsewhere, and how few rebuild it, next to nulls", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a"), await saved(root, "b", { noise: 0.05 })];
  const narrow = await saved(root, "narrow", { dIn: 5 });
  const found = await compareLatent(reference, { names: [...names, narrow], latent: "b:3" });
  expect([found.name, found.latent, found.skipped]).toEqual(["b", 3, ["narrow"]]);
  const [other] = found.others;
  expect(other!.nearest[0]!.latent).toBe(3);
  expect(other!.nearest[0]!.cosine).toBeGreaterThan(other!.nearestNull!);
  expect(other!.isRebuilt).toBe(true);
  expect(other!.rebuilt[0]!.atom).toBe(3);
  for (const [i, { cosine }] of other!.rebuilt.entries())
    expect(cosine).toBeGreaterThan(other!.rebuiltNull[i]!);
  const refused = (latent: string) => expect(compareLatent(reference, { names, latent })).rejects;
  await refused("b:12").toThrow("b has the latents 0 to 11, not 12.");
  await refused("z:1").toThrow("--latent names z, which is not one of the SAEs.");
  await refused("b:x").toThrow("Expected a latent as 17 or SAE:17");
});
