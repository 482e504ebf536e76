/** Members that start from saved SAEs. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { filesBelow } from "../../test/support/cli.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../test/support/tiny-model.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { parseConfig } from "../config/load-config.ts";
import { collectStore } from "../domains/language/source/collect-store.ts";
import { loadSae, saveSae } from "../interchange/saelens.ts";
import type { EvaluationResult } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { ARCHITECTURES } from "../sae/registry.ts";
import type { Sae } from "../sae/sae.ts";
import type { ActivationStream } from "../sources/source.ts";
import { buildPopulation } from "./build-population.ts";
import { checkStarts, startMembers } from "./init-from.ts";

const ONE = ["population.members=1", "population.independent=0"];

function config(settings: readonly string[]) {
  const text =
    "{ name: a, source: { kind: synthetic, d_in: 8 }, training: { batch: 4, steps: 1 }, population: { d_sae: 16, k: 2 } }";
  return parseConfig(text, "a.yaml", settings)[0]!.config;
}

/** An SAE with atoms of length one, in a folder `sae`. */
async function saved(change: (sae: Sae) => Sae = (sae) => sae): Promise<string> {
  const base = temporaryFolder();
  const decoder = normals("decoder", 16 * 8);
  await reference.normalizeRows({ rows: decoder, unit: decoder, count: 16, columns: 8 });
  const sae: Sae = {
    selection: { kind: "topk", k: 2, relu: true },
    architecture: "topk",
    dIn: 8,
    dSae: 16,
    encoder: normals("encoder", 16 * 8),
    decoder,
    encoderBias: normals("b_enc", 16),
    decoderBias: normals("b_dec", 8),
  };
  await saveSae(join(base, "sae"), change(sae));
  return base;
}

async function started(settings: readonly string[], base: string): Promise<Sae> {
  const one = config(["population.init_from=sae", ...settings]);
  await checkStarts(reference, one, base);
  const built = buildPopulation(reference, one, { dIn: 8, rowsPerPass: undefined });
  const train = { rowsPerPass: 0 } as ActivationStream;
  await startMembers(reference, built.population, built.members, { baseFolder: base, train });
  return built.population.members[0]!.sae.inference();
}

// Of an archetypal SAE, what atoms are mixed from is not saved.
const OF_ROWS = ARCHITECTURES.filter(({ needsOrbits }) => !needsOrbits)
  .map(({ name }) => name)
  .filter((name) => name !== "archetypal");

test.each(OF_ROWS)("%s goes on from what a run saved", async (name) => {
  const folder = temporaryFolder();
  const decoderBias = name === "topk_tied" ? "mean" : "zero";
  // Its b_dec is what it subtracts from its rows.
  const own = name === "relu_tied_positive" ? [] : [`population.decoder_bias=${decoderBias}`];
  const all = [...ONE, `population.architecture=${name}`, ...own];
  const [first] = await tinyRuns(folder, all);
  const from = `population.init_from=${first!.file("saes", "member-0")}`;
  // A step would move a running threshold, too, whatever the learning rate.
  const barely = ["training.steps=1", "population.lr=1e-12", "name=second"];
  barely.push("population.threshold_lr=1e-9");
  const [second] = await tinyRuns(folder, [...all, from, ...barely]);
  const fvu = async (run: RunFolder) =>
    ((await run.readJson("results/evaluation.json")) as EvaluationResult).members[0]!.metrics[
      "fvu"
    ]!;
  expect(await fvu(second!)).toBeCloseTo(await fvu(first!), 5);
  const record = await second!.readRecord();
  expect(Object.values(record.initFrom ?? {})).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

test("starts with the bytes of the folder", async () => {
  const base = await saved();
  const { encoder, decoder, encoderBias, decoderBias } = await loadSae(
    reference,
    join(base, "sae"),
  );
  expect(await started([], base)).toMatchObject({ encoder, decoder, encoderBias, decoderBias });
});

test("atoms of one other length are brought to one, scores taking over their length", async () => {
  const doubled = (sae: Sae) => ({ ...sae, decoder: sae.decoder.map((v) => 2 * v) });
  const [whole, other] = [await saved(), await saved(doubled)];
  const [sae, start] = [await started([], whole), await started([], other)];
  for (const [i, v] of start.decoder.entries()) expect(v).toBeCloseTo(sae.decoder[i]!, 6);
  for (const [i, v] of start.encoder.entries()) expect(v).toBeCloseTo(2 * sae.encoder[i]!, 5);
  expect(start.decoderBias).toEqual(sae.decoderBias);
});

test.each<[string, readonly string[], (sae: Sae) => Sae]>([
  [
    "sae is of architecture topk, but member-0 is relu",
    ["population.architecture=relu", "population.k=2"],
    (sae) => sae,
  ],
  ["sae has d_sae 16, but member-0 has 32", ["population.d_sae=32"], (sae) => sae],
  ["sae has a b_dec, but member-0 has none", ["population.decoder_bias=none"], (sae) => sae],
  [
    "sae has atoms of lengths from 1.00 to 3.00",
    [],
    (sae) => ({ ...sae, decoder: sae.decoder.map((v, i) => (i < 8 ? 3 * v : v)) }),
  ],
  [
    "sae has an atom of length zero, latent 0",
    [],
    (sae) => ({ ...sae, decoder: sae.decoder.map((v, i) => (i < 8 ? 0 : v)) }),
  ],
  [
    "sae is not tied: atom 0 is not its encoder's direction",
    ["population.architecture=topk_tied", "population.decoder_bias=zero"],
    (sae) => ({ ...sae, architecture: "topk_tied" }),
  ],
])("is refused: %s", async (message, settings, change) => {
  await expect(started(settings, await saved(change))).rejects.toMatchObject({
    code: "argument/invalid",
    message: `population.init_from: ${message}.`,
    hint: expect.stringMatching(/\S/),
  });
});

test("a source of another width is refused before it collects anything", async () => {
  const { requireWidth } = await checkStarts(
    reference,
    config(["population.init_from=sae"]),
    await saved(),
  );
  requireWidth(8);
  expect(() => requireWidth(9)).toThrow(/sae has d_in 8, but the source gives .* d_in 9/);
});

test("a model of another width is refused before its text is tokenised", async () => {
  const base = temporaryFolder();
  writeTinyModel(join(base, "model"));
  writeLetters(join(base, "text.txt"), 3, 20);
  const { requireWidth } = await checkStarts(
    reference,
    config(["population.init_from=sae"]),
    await saved(),
  );
  const tokenized: number[] = [];
  const collecting = collectStore(join(base, "store"), {
    model: join(base, "model"),
    hook: TINY_HOOK,
    text: join(base, "text.txt"),
    skipSpecial: true,
    mode: "packed",
    dtype: "float32",
    catalogue: { cacheDir: base, offline: true },
    onWidth: requireWidth,
    onTokens: (tokens) => void tokenized.push(tokens),
  });
  await expect(collecting).rejects.toThrow(/the source gives activations of d_in 24/);
  expect(tokenized).toEqual([]);
  expect(existsSync(join(base, "store"))).toBe(false);
});

test("stopped and continued ends with the same bytes, the start not being needed any more", async () => {
  const base = temporaryFolder();
  const [first] = await tinyRuns(base, ONE);
  cpSync(first!.file("saes", "member-0"), join(base, "start"), { recursive: true });
  const settings = [...ONE, "population.init_from=start", "name=second"];
  const whole = (await tinyRuns(base, [...settings, "name=whole"]))[0]!;
  const stop = new AbortController();
  const part = tinyRuns(
    base,
    settings,
    (event) => void (event.kind === "step" && event.step.step === 7 && stop.abort()),
    stop.signal,
  );
  await expect(part).rejects.toMatchObject({ code: "interrupted" });
  rmSync(join(base, "start"), { recursive: true });
  const [resumed] = await tinyRuns(base, settings, undefined, undefined, true);
  expect(filesBelow(resumed!.file("saes"))).toEqual(filesBelow(whole.file("saes")));
  // Another start is another run: nothing is trained without it.
  await expect(tinyRuns(base, [...settings, "name=third"])).rejects.toThrow(/start.cfg\.json/);
  expect(existsSync(join(base, "third", "metrics.jsonl"))).toBe(false);
});

test("members that would stay the same are warned of", async () => {
  const base = temporaryFolder();
  const [first] = await tinyRuns(base, ONE);
  const warnings: string[] = [];
  await tinyRuns(
    base,
    ["name=second", `population.init_from=${first!.file("saes", "member-0")}`],
    (event) => void (event.kind === "warning" && warnings.push(event.message)),
  );
  expect(warnings).toEqual([
    "member-0, member-1, member-2 start from the same SAE with the same settings: they stay the same, whatever their seeds.",
  ]);
});
