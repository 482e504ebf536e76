/** Evidence of a run on a language model, and of SAE folders on a store. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { filesBelow } from "../../../test/support/cli.ts";
import { madeSae } from "../../../test/support/made-sae.ts";
import { numberedRows } from "../../../test/support/stored-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../test/support/tiny-model.ts";
import { TINY_CONFIG, tinyContext, tinyRuns } from "../../../test/support/tiny-run.ts";
import { features } from "../../analyses/features/features.ts";
import { openEvidence } from "../../analyses/features/open-evidence.ts";
import { openBackend } from "../../backend/open-backend.ts";
import { parseConfig } from "../../config/load-config.ts";
import { latentCardSchema } from "../../evidence/card.ts";
import { readSafetensors } from "../../formats/safetensors-file.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { runReport } from "../../report/run-report.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { openShardWriter } from "../../sources/shards/shard-writer.ts";
import { findSaes } from "../compare/find-saes.ts";
import { openFoundSae } from "../compare/open-saes.ts";
import { trainRun } from "../train-run.ts";
import { featuresOfSaes } from "./features-of-saes.ts";

const home = mkdtempSync(join(tmpdir(), "concord-features-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const SOURCE = `source={ kind: language_model, model: letters-model, hook: ${TINY_HOOK}, text: letters.txt, held_out_fraction: 0.2 }`;

let made: Promise<RunFolder> | undefined;

/** A run of four members over letters, made once. */
function theRun(): Promise<RunFolder> {
  made ??= (async () => {
    writeTinyModel(join(home, "letters-model"));
    writeLetters(join(home, "letters.txt"), 5, 500);
    return (await tinyRuns(home, [SOURCE]))[0]!;
  })();
  return made;
}

/** The store that the run's activations are in. */
function storeOf(folder: string): string {
  const index = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith("index.json"),
  );
  return join(folder, index!, "..");
}

const OPTIONS = {
  baseFolder: ".",
  cacheDir: home,
  catalogue: { cacheDir: home, offline: true },
  rows: 1_000_000,
  around: 2,
  pause: async () => {},
  onCompared: () => {},
  onRows: () => {},
};

async function opened(...names: string[]) {
  const found = await findSaes(home, names);
  return Promise.all(found.map((one) => openFoundSae(reference, one)));
}

test("a run on a language model ends with cards of all latents, in words of its tokens", async () => {
  const run = await theRun();
  const evidence = await openEvidence(run.path);
  const { summary } = evidence;
  expect(summary).toMatchObject({
    kind: "language_model",
    unit: "tokens",
    around: 10,
    left_out: [],
  });
  expect(summary.members.map(({ name }) => name)).toEqual([
    "member-0",
    "member-1",
    "member-2",
    "independent-0",
  ]);
  const { tensors } = await readSafetensors(run.file("results", "features", "@rows.safetensors"));
  const groups = tensors.get("groups")!.data;
  let live = 0;
  for (let latent = 0; latent < 16; latent++) {
    const card = latentCardSchema.parse(await evidence.card("member-1", latent));
    expect(card.recurrence).toMatchObject({ of: 3, threshold: 0.7 });
    expect(card.logits!.top).toHaveLength(10);
    expect(card.logits!.top[0]!.value).toBeGreaterThan(card.logits!.bottom[0]!.value);
    if (card.dead) continue;
    live++;
    expect(card.label).not.toBe("");
    for (const one of [...card.examples.top, ...card.examples.random]) {
      const { pieces, peak, value, where, row, held_out: heldOut } = one;
      expect(where).toMatch(/^document \d, position \d+ in its window$/);
      expect(pieces.length).toBeGreaterThan(0);
      // Within what bfloat16 keeps.
      expect(Math.abs(pieces[peak]!.value / value - 1)).toBeLessThan(2 ** -8);
      expect(heldOut).toBe(row >= summary.rows - summary.held_out_rows);
      for (const { text } of pieces) expect(text).toMatch(/^[a-z .,]$/);
    }
    for (const { pieces, peak } of card.examples.near_misses) expect(pieces[peak]!.value).toBe(0);
    const of = card.examples.top.map(({ row }) => groups[row]!);
    expect(new Set(of).size).toBe(of.length);
  }
  expect(live).toBeGreaterThan(0);
  await evidence.close();
});

test("its evidence takes about the disk that is planned for it", async () => {
  const run = await theRun();
  const evidence = await openEvidence(run.path);
  const { rows, members } = evidence.summary;
  await evidence.close();
  const shapes = members.map(({ latents }) => ({ dIn: 24, dSae: latents }));
  const planned = features.bytes(shapes, { rows: 1_000_000, around: 10 }, rows);
  let bytes = 0;
  for (const content of filesBelow(run.file("results", "features")).values())
    bytes += content.length;
  // Headers and the summary of so small a run are half of it.
  expect(bytes / planned).toBeGreaterThan(0.5);
  expect(bytes / planned).toBeLessThan(1.5);
});

test("its report has the latents that come first, and where all are", async () => {
  const run = await theRun();
  const evidence = await openEvidence(run.path);
  const { most_recurrent: most, most_idiosyncratic: least } = evidence.summary;
  await evidence.close();
  const page = await runReport(run);
  for (const { member, latent } of [...most, ...least])
    expect(page).toContain(`${member}:${latent}`);
  expect(page).toContain("concord features");
});

/**
 * The bytes of a run's results, whose activations are collected for it alone.
 *
 * @param stopped Break it off while it looks at its latents, and go on.
 */
async function resultBytes(threads: number, stopped = false) {
  await theRun();
  const folder = temporaryFolder();
  const [planned] = parseConfig(TINY_CONFIG, "tiny.yaml", [`runs_folder=${folder}`, SOURCE]);
  const stop = new AbortController();
  const context = {
    ...tinyContext(home),
    cacheDir: join(folder, "cache"),
    backend: openBackend({ threads }).backend,
  };
  if (stopped) {
    const watched = {
      ...context,
      signal: stop.signal,
      onEvent: ({ kind }: { readonly kind: string }) => kind === "looking" && stop.abort(),
    };
    const broken = trainRun(planned!, watched, false);
    await expect(broken).rejects.toMatchObject({ code: "interrupted" });
  }
  const { folder: run } = await trainRun(planned!, context, stopped);
  return filesBelow(run.file("results"));
}

test("one thread or two, whole or interrupted: the same bytes", async () => {
  const one = await resultBytes(1);
  expect([...one.keys()]).toEqual(
    expect.arrayContaining(["features/summary.json", "features/member-0.safetensors"]),
  );
  const two = await resultBytes(2);
  expect([...two.keys()]).toEqual([...one.keys()]);
  for (const [name, bytes] of one) expect(two.get(name) === bytes, name).toBe(true);
  const resumed = await resultBytes(1, true);
  for (const [name, bytes] of one) expect(resumed.get(name) === bytes, name).toBe(true);
});

test("SAE folders are looked at on a store, each with the name of its folder, once", async () => {
  const run = await theRun();
  const out = join(temporaryFolder(), "deep", "evidence");
  const other = join(temporaryFolder(), "member-0");
  await saveSae(other, madeSae("other", { dIn: 24, dSae: 10, k: 3 }), {});
  const saes = await opened(run.file("saes", "member-0"), run.file("saes", "member-1"), other);
  const store = storeOf(home);
  const summary = await featuresOfSaes(reference, saes, store, out, OPTIONS);
  expect(summary.members.map(({ name, latents }) => [name, latents])).toEqual([
    ["member-0", 16],
    ["member-1", 16],
    ["member-0-2", 10],
  ]);
  expect(summary).toMatchObject({ kind: "language_model", unit: "tokens", left_out: [] });
  const evidence = await openEvidence(out);
  const card = latentCardSchema.parse(await evidence.card("member-0-2", 9));
  expect(card.recurrence!.of).toBe(2);
  const [partner] = card.partners;
  if (partner) expect(["member-0", "member-1"]).toContain(partner.member);
  await evidence.close();
});

test("an SAE of another width, or none, is refused before anything is written", async () => {
  await theRun();
  const out = join(temporaryFolder(), "out");
  const narrow = join(temporaryFolder(), "narrow");
  await saveSae(narrow, madeSae("narrow"), {});
  const store = storeOf(home);
  await expect(
    featuresOfSaes(reference, await opened(narrow), store, out, OPTIONS),
  ).rejects.toMatchObject({
    code: "shape/mismatch",
    message: expect.stringMatching(/d_in 6.*d_in 24/),
  });
  await expect(featuresOfSaes(reference, [], store, out, OPTIONS)).rejects.toMatchObject({
    code: "argument/invalid",
  });
  expect(readdirSync(join(out, ".."))).toEqual([]);
});

test("an SAE of what others leave is refused: the store has rows as they come", async () => {
  await theRun();
  const folder = join(temporaryFolder(), "stage-2");
  await saveSae(folder, madeSae("stage", { dIn: 24 }), {
    residual_of: [{ path: "stage-1", digest: "0".repeat(64) }],
  });
  const out = join(temporaryFolder(), "out");
  await expect(
    featuresOfSaes(reference, await opened(folder), storeOf(home), out, OPTIONS),
  ).rejects.toMatchObject({
    code: "argument/invalid",
    message: expect.stringMatching(/stage-2 encodes what stage-1 leave of rows/),
  });
});

test("rows without tokens, or without their model, are described by numbers, and it is said", async () => {
  await theRun();
  const plain = join(temporaryFolder(), "plain");
  const writer = await openShardWriter({
    folder: plain,
    dIn: 24,
    dtype: "float32",
    provenance: { kind: "language_model", model: "nowhere", hook: TINY_HOOK },
  });
  await writer.append(numberedRows(64, 24));
  await writer.finish();
  const folder = join(temporaryFolder(), "one");
  await saveSae(folder, madeSae("one", { dIn: 24 }), {});
  const out = join(temporaryFolder(), "out");
  const saes = await opened(folder);
  const summary = await featuresOfSaes(reference, saes, plain, out, OPTIONS);
  expect(summary.left_out).toEqual([
    expect.stringMatching(/^Latents are described by numbers only\. .*has no token ids/),
  ]);
  const evidence = await openEvidence(out);
  for (let latent = 0; latent < 8; latent++) {
    const { examples } = latentCardSchema.parse(await evidence.card("one", latent));
    for (const { where, pieces } of examples.top)
      expect([where, pieces]).toEqual([expect.stringMatching(/^held-out row \d+$/), []]);
  }
  await evidence.close();
});
