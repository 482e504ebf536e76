/** Evidence that is gathered, written, opened and read: what the core knows of rows of numbers. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nativeIsas, openNative, reference } from "../../../test/support/backends.ts";
import { madeRows, madeSae } from "../../../test/support/made-sae.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../../test/support/tiny-run.ts";
import type { Backend } from "../../backend/backend.ts";
import { type Tensor, tensor } from "../../base/tensor.ts";
import { dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { latentCardSchema, latentColumnsSchema } from "../../evidence/card.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import { LATENT_TENSORS, PART_TENSORS, START_TENSORS } from "../../evidence/member-file.ts";
import { MOST_REBUILT } from "../../evidence/rebuild-unmatched.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors-file.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import type { Sae } from "../../sae/sae.ts";
import { writeAnalyses } from "../analyses.ts";
import { features } from "./features.ts";
import { gatherEvidence } from "./gather.ts";
import { rowsAsNumbers } from "./held-out-rows.ts";
import { openEvidence } from "./open-evidence.ts";

const ROWS = 400;

/** Of 8, 2 and 12 latents, the last with activations of both signs and a latent that is dead. */
function members(): Record<string, Sae> {
  const wide = madeSae("wide", { dSae: 12, k: 6 });
  const decoder = wide.decoder.slice();
  // Latents 0 to 3 are those of the first member, a little turned.
  const first = madeSae("first");
  for (let i = 0; i < 4 * 6; i++) decoder[i] = first.decoder[i]! + (i % 5) * 0.01;
  const encoderBias = new Float32Array(12);
  encoderBias[9] = -1e6;
  const selection = { kind: "topk", k: 6, relu: false } as const;
  return {
    first,
    tiny: madeSae("tiny", { dSae: 2 }),
    "wide.one": { ...wide, decoder, encoder: decoder, encoderBias, selection },
  };
}

/** The evidence of SAEs in the folder of a run. */
async function gathered(
  saes: Record<string, Sae>,
  rows = ROWS,
  around = 2,
  backend: Backend = reference,
) {
  const maker = rowsAsNumbers({ heldOut: madeRows(rows, 6), dIn: 6 }, rows);
  const looked = [];
  for (const [name, sae] of Object.entries(saes)) {
    const dictionary = await dictionaryOf(backend, sae.decoder, sae.dSae, 6);
    looked.push({ name, sae, dictionary, setting: "" });
  }
  const found = await gatherEvidence({
    backend,
    saes: looked,
    maker,
    kind: "arrays",
    unit: "rows",
    around,
    seed: 3,
    known: [],
    trueFeatures: undefined,
    leftOut: [],
    pause: async () => {},
    onCompared: () => {},
    onRows: () => {},
  });
  const folder = temporaryFolder();
  const all = [{ analysis: features, found: { summary: found.summary, gathered: found } }];
  await writeAnalyses(new RunFolder(folder), all as unknown as Parameters<typeof writeAnalyses>[1]);
  return { folder, found };
}

/** The cards of all latents of a member, each as JSON carries it. */
async function cardsOf(evidence: Evidence, member: string) {
  const { latents } = evidence.summary.members.find(({ name }) => name === member)!;
  const cards = [];
  for (let latent = 0; latent < latents; latent++) {
    const card = latentCardSchema.parse(await evidence.card(member, latent));
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
    cards.push(card);
  }
  return cards;
}

const fileIn = (folder: string, name: string) => join(folder, "results", "features", name);

test("cards of members of different widths say of each other what the other says of them", async () => {
  const { folder, found } = await gathered(members());
  const evidence = await openEvidence(folder);
  expect(evidence.summary).toEqual(found.summary);
  const cards = new Map<string, Awaited<ReturnType<typeof cardsOf>>>();
  for (const name of ["first", "tiny", "wide.one"]) cards.set(name, await cardsOf(evidence, name));
  for (const [name, all] of cards)
    for (const card of all) {
      for (const { member, latent, ...of } of card.partners) {
        const back = cards.get(member)![latent]!.partners.find((one) => one.member === name)!;
        expect(back).toEqual({ ...of, member: name, latent: card.latent });
        expect(of.counts).toBe(of.cosine >= 0.7);
      }
      const { recurrence, partners } = card;
      expect(recurrence!.found_in).toBe(partners.filter(({ counts }) => counts).length);
      expect(recurrence).toMatchObject({ of: 2, threshold: 0.7 });
      const cosines = partners.map(({ cosine }) => cosine);
      const mean = cosines.reduce((sum, c) => sum + c, 0) / cosines.length;
      if (cosines.length === 0) expect(recurrence!.mean_cosine).toBeNull();
      else expect(recurrence!.mean_cosine).toBeCloseTo(mean, 6);
      if (cosines.length < 2) expect(recurrence!.spread).toBeNull();
      else
        expect(recurrence!.spread).toBeCloseTo(Math.abs(cosines[0]! - cosines[1]!) / 2 ** 0.5, 6);
      expect(recurrence!.null_cosine).toBeGreaterThan(0);
      if (recurrence!.found_in > 0) expect(card.rebuilt).toEqual([]);
    }
  const first = cards.get("first")!;
  for (const latent of [0, 1, 2, 3])
    expect(first[latent]!.partners).toContainEqual(
      expect.objectContaining({ member: "wide.one", latent, counts: true }),
    );
  // A member with two latents leaves most of the others without a partner there.
  const inTiny = first.filter(({ partners }) => partners.some((p) => p.member === "tiny"));
  expect(inTiny).toHaveLength(2);
  for (const { name, null_found_in: chance, recurring, dead } of evidence.summary.members) {
    const all = cards.get(name)!;
    const found = (n: number) => all.filter((one) => one.recurrence!.found_in === n).length;
    expect(recurring).toEqual([found(0), found(1), found(2)]);
    expect(dead).toBe(all.filter((one) => one.dead).length);
    expect(chance, name).toBeGreaterThanOrEqual(0);
    expect(chance, name).toBeLessThanOrEqual(2);
  }
  await evidence.close();
});

test("a card's numbers hang together, for a dead latent and for both signs as well", async () => {
  const { folder } = await gathered(members());
  const evidence = await openEvidence(folder);
  const cards = await cardsOf(evidence, "wide.one");
  const dead = cards[9]!;
  expect(dead).toMatchObject({
    dead: true,
    active_rows: 0,
    density: 0,
    mean: null,
    max: null,
    quantiles: [],
    coactive: [],
    rebuilt: [],
    examples: { top: [], quantiles: [], random: [] },
    histogram: { bin_width: 0, counts: new Array(32).fill(0) },
  });
  expect(cards.some(({ quantiles }) => quantiles[0] && quantiles[0].value < 0)).toBe(true);
  for (const card of cards.filter((one) => !one.dead)) {
    const { active_rows: active, density, examples, histogram, quantiles } = card;
    expect(density).toBe(active / ROWS);
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(active);
    const top = examples.top.map(({ value }) => Math.abs(value));
    expect(top).toEqual([...top].sort((a, b) => b - a));
    expect(top).toHaveLength(Math.min(20, active));
    expect(card.max).toBe(examples.top[0]!.value);
    const values = quantiles.map(({ value }) => value);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const shares = examples.quantiles.reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1, 9);
    for (const { from, to, examples: some } of examples.quantiles)
      for (const { value } of some) {
        expect(value).toBeGreaterThanOrEqual(from);
        expect(value).toBeLessThanOrEqual(to);
      }
    expect(examples.random).toHaveLength(Math.min(10, active));
    for (const one of [...examples.top, ...examples.random, ...examples.near_misses])
      expect(one).toMatchObject({ held_out: true, where: `held-out row ${one.row}`, pieces: [] });
    expect(card.nearest).toHaveLength(8);
    expect(card.nearest.map(({ latent }) => latent)).not.toContain(card.latent);
    // Its encoder is its decoder.
    expect(card.alignment).toBeCloseTo(1, 6);
  }
  for (const { rebuilt, recurrence, dead: isDead } of cards) {
    expect(rebuilt).toHaveLength(isDead || recurrence!.found_in > 0 ? 0 : 1);
    for (const { member, latents, cosine, null_cosine: chance } of rebuilt) {
      expect(latents).toHaveLength(member === "tiny" ? 2 : 4);
      expect(cosine).toBeGreaterThan(0);
      expect(cosine).toBeLessThanOrEqual(1 + 1e-6);
      expect(chance).toBeGreaterThan(0);
    }
  }
  await evidence.close();
});

test("columns are those of the cards", async () => {
  const { folder } = await gathered(members());
  const evidence = await openEvidence(folder);
  for (const { name } of evidence.summary.members) {
    const columns = latentColumnsSchema.parse(await evidence.columns(name));
    const cards = await cardsOf(evidence, name);
    const places = [...columns.map!.x, ...columns.map!.y];
    expect(places).toHaveLength(2 * cards.length);
    expect(places.every(Number.isFinite)).toBe(true);
    expect(columns).toEqual({
      member: name,
      label: cards.map(({ label }) => label),
      density: cards.map(({ density }) => density),
      max: cards.map(({ max }) => max ?? 0),
      mean: cards.map(({ mean }) => mean ?? 0),
      alignment: cards.map(({ alignment }) => alignment),
      found_in: cards.map(({ recurrence }) => recurrence!.found_in),
      mean_cosine: cards.map(({ recurrence }) => recurrence!.mean_cosine),
      truth: null,
      map: columns.map,
    });
  }
  await evidence.close();
});

test("a feature that several members have is listed once, the least similar latents first", async () => {
  const one = madeSae("one");
  const { found } = await gathered({ a: one, b: one, c: { ...one, encoder: one.encoder.slice() } });
  const { most_recurrent: most, most_idiosyncratic: least } = found.summary;
  expect(most.map(({ member, latent }) => `${member}:${latent}`).sort()).toEqual(
    Array.from({ length: 8 }, (_, latent) => `a:${latent}`),
  );
  expect(most.every(({ found_in: n, mean_cosine: cosine }) => n === 2 && cosine! > 0.999)).toBe(
    true,
  );
  expect(least).toEqual([]);

  const { found: mixed } = await gathered(members());
  const cosines = mixed.summary.most_idiosyncratic.map(({ mean_cosine: cosine }) => cosine);
  const known = cosines.filter((cosine) => cosine !== null);
  expect(known.length).toBeGreaterThan(2);
  // A latent that was matched with none is not known to be less similar: it comes last.
  expect(cosines).toEqual([
    ...known.toSorted((a, b) => a - b),
    ...new Array(cosines.length - known.length).fill(null),
  ]);
  expect(cosines).toContain(null);
});

test("one SAE alone has cards and no word about others", async () => {
  const { folder } = await gathered({ alone: madeSae("alone") });
  const evidence = await openEvidence(folder);
  for (const card of await cardsOf(evidence, "alone")) {
    expect(card).toMatchObject({ recurrence: null, partners: [], rebuilt: [] });
    expect(card.nearest).toHaveLength(7);
  }
  const { summary } = evidence;
  expect(summary).toMatchObject({ most_recurrent: [], most_idiosyncratic: [], left_out: [] });
  expect(summary.members).toMatchObject([{ compared_with: [], null_cosine: null, recurring: [8] }]);
  await evidence.close();
});

test("an SAE of one latent, and a single row, are looked at", async () => {
  const { folder } = await gathered(
    { one: madeSae("one", { dSae: 1, k: 1 }), more: madeSae("more") },
    1,
  );
  const evidence = await openEvidence(folder);
  const [card] = await cardsOf(evidence, "one");
  expect(card).toMatchObject({ rows: 1, nearest: [], coactive: [] });
  expect(await cardsOf(evidence, "more")).toHaveLength(8);
  await evidence.close();
});

test.skipIf(nativeIsas.length === 0)("of one SAE, however wide, nothing is left out", async () => {
  // More live latents than are rebuilt from those of others, where there are some.
  const wide: Sae = { ...madeSae("wide", { dSae: 5000 }), selection: { kind: "relu" } };
  const { found } = await gathered({ wide }, 12, 2, openNative(nativeIsas[0]!));
  const { latents, dead } = found.summary.members[0]!;
  expect(latents - dead).toBeGreaterThan(MOST_REBUILT);
  expect(found.summary.left_out).toEqual([]);
});

test("a latent is found by its number, in one member or in all", async () => {
  const { folder } = await gathered(members());
  const evidence = await openEvidence(folder);
  const named = async (query: string, options = {}) =>
    (await evidence.find(query, options)).map(({ member, latent }) => `${member}:${latent}`);
  expect(await named("1")).toEqual(expect.arrayContaining(["first:1", "tiny:1", "wide.one:1"]));
  expect(await named("1")).toHaveLength(3);
  expect(await named("11")).toEqual(["wide.one:11"]);
  expect(await named("1", { member: "tiny" })).toEqual(["tiny:1"]);
  expect(await named("1", { limit: 2 })).toHaveLength(2);
  expect(await named("12")).toEqual([]);
  // Those that more members have come first.
  expect((await named("0"))[2]).toBe("tiny:0");
  await evidence.close();
});

test("a member or a latent that is not there is named, with those there are", async () => {
  const { folder } = await gathered(members());
  const evidence = await openEvidence(folder);
  const noMember = {
    code: "argument/invalid",
    message: `There is no member "nobody" in ${folder}.`,
    hint: "Members: first, tiny, wide.one.",
  };
  await expect(evidence.card("nobody", 0)).rejects.toMatchObject(noMember);
  await expect(evidence.columns("nobody")).rejects.toMatchObject(noMember);
  await expect(evidence.find("1", { member: "nobody" })).rejects.toMatchObject(noMember);
  for (const latent of [2, -1, 0.5, Number.NaN])
    await expect(evidence.card("tiny", latent)).rejects.toMatchObject({
      code: "argument/invalid",
      message: `tiny has no latent ${latent}.`,
      hint: "Its latents are 0 to 1.",
    });
  await evidence.close();
});

test("a folder without evidence says how it is made", async () => {
  const folder = temporaryFolder();
  await expect(openEvidence(folder)).rejects.toMatchObject({
    code: "file/missing",
    message: `${folder} has no evidence of its latents.`,
    hint: `Make it: concord features ${folder}`,
  });
});

test("of five members a latent takes 1.5 KB at most, without its words", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const saes = Object.fromEntries(names.map((name) => [name, madeSae(name, { dSae: 64, k: 8 })]));
  const { folder } = await gathered(saes, 1000, 10);
  const { tensors } = await readSafetensors(fileIn(folder, "c.safetensors"));
  const listed = [...LATENT_TENSORS, ...START_TENSORS, ...PART_TENSORS];
  expect([...tensors.keys()].sort()).toEqual(listed.sort());
  let bytes = 0;
  for (const [name, { data }] of tensors)
    if (!/^(text|text_start|around_.*)$/.test(name)) {
      expect(data.byteLength % 64, name).toBe(0);
      bytes += data.byteLength / 64;
    }
  expect(bytes).toBeLessThanOrEqual(1536);
  // What is around the examples of a latent is not more than around all of them.
  const start = tensors.get("around_start")!.data;
  for (let i = 0; i < 64; i++)
    expect(Number(start[i + 1]) - Number(start[i])).toBeLessThanOrEqual((20 + 50 + 6) * 21);
});

/** A copy of evidence that `damage` has been at, opened. */
async function damaged(folder: string, damage: (file: (name: string) => string) => unknown) {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  await damage((name) => fileIn(copy, name));
  return copy;
}

/** A member's file with other tensors. */
async function changeTensors(path: string, change: (tensors: Map<string, Tensor>) => void) {
  const { tensors, metadata } = await readSafetensors(path);
  const changed = new Map(tensors);
  change(changed);
  await writeSafetensors(path, changed, metadata);
}

test("damaged evidence is said in a line that names the file", async () => {
  const { folder } = await gathered(members());
  const cases: [RegExp, (file: (name: string) => string) => unknown][] = [
    [/summary\.json: not JSON/, (file) => writeFileSync(file("summary.json"), "{")],
    [/summary\.json: version/, (file) => writeFileSync(file("summary.json"), '{"version":2}')],
    [
      /summary\.json/,
      (file) => truncateSync(file("summary.json"), readFileSync(file("summary.json")).length - 9),
    ],
    [
      /first\.safetensors/,
      (file) => {
        const path = file("first.safetensors");
        truncateSync(path, readFileSync(path).length - 5);
      },
    ],
    [/first\.safetensors/, (file) => truncateSync(file("first.safetensors"), 0)],
    [/first\.safetensors/, (file) => rmSync(file("first.safetensors"))],
    ...["active_rows", "text_start", "histogram", "partners", "around_rows", "text"].map(
      (name): (typeof cases)[number] => [
        new RegExp(`first\\.safetensors: it has no tensor "${name}"`),
        (file) => changeTensors(file("first.safetensors"), (tensors) => tensors.delete(name)),
      ],
    ),
    [
      /first\.safetensors: .*latent 3/,
      (file) =>
        changeTensors(file("first.safetensors"), (tensors) => {
          const { shape, data } = tensors.get("text")!;
          tensors.set("text", tensor("uint8", shape, new Uint8Array(data.length).fill(123)));
        }),
    ],
    [
      /first\.safetensors: .*8 latents.*7/,
      (file) => {
        const summary = JSON.parse(readFileSync(file("summary.json"), "utf8"));
        summary.members[0].latents = 7;
        writeFileSync(file("summary.json"), JSON.stringify(summary));
      },
    ],
  ];
  for (const [message, damage] of cases) {
    const copy = await damaged(folder, damage);
    const reading = async () => {
      const evidence = await openEvidence(copy);
      try {
        await evidence.card("first", 3);
      } finally {
        await evidence.close();
      }
    };
    const error = await reading().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error, String(message)).toMatchObject({
      code: expect.stringMatching(/^(format\/|file\/|argument\/)/),
      message: expect.stringMatching(message),
    });
    expect((error as Error).message).not.toContain("\n");
  }
});

test("a file of another member, or of another pass, is refused and not read as this one's", async () => {
  const { folder } = await gathered(members());
  const later = await gathered(members(), ROWS - 100);
  const copy = await damaged(folder, (file) =>
    cpSync(fileIn(later.folder, "first.safetensors"), file("first.safetensors")),
  );
  const evidence = await openEvidence(copy);
  await expect(evidence.card("first", 0)).rejects.toMatchObject({
    code: "format/invalid",
    message: expect.stringMatching(/first\.safetensors: .*300 rows.*400/),
  });
  expect((await evidence.card("tiny", 0)).rows).toBe(ROWS);
  await evidence.close();
});

test("two damages at once end in one error, and closing afterwards is quiet", async () => {
  const { folder } = await gathered(members());
  const copy = await damaged(folder, (file) => {
    truncateSync(file("@rows.safetensors"), 3);
    truncateSync(file("first.safetensors"), 3);
  });
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  try {
    const evidence = await openEvidence(copy);
    await expect(evidence.card("nobody", 0)).rejects.toThrow("no member");
    await expect(evidence.card("first", 0)).rejects.toThrow(".safetensors");
    await expect(evidence.find("1")).rejects.toThrow(".safetensors");
    await new Promise((wake) => setTimeout(wake, 20));
    await evidence.close();
  } finally {
    process.off("unhandledRejection", listen);
  }
  expect(unhandled).toEqual([]);
});

test("of a run on known features, each latent's best cosine with one is kept", async () => {
  const home = temporaryFolder();
  const [run] = await tinyRuns(home, [
    "analyses=[evaluation, agreement, { kind: features, around: 0 }]",
  ]);
  const { tensors } = await readSafetensors(run!.file("results", "latents.safetensors"));
  const evidence = await openEvidence(run!.path);
  for (const name of ["member-0", "independent-0"]) {
    const { truth } = await evidence.columns(name);
    const known = Array.from(tensors.get(`${name}.best_in_truth`)!.data, Number);
    expect(truth).toHaveLength(16);
    for (const [i, cosine] of known.entries()) expect(truth![i]).toBeCloseTo(cosine, 5);
  }
  expect(evidence.summary).toMatchObject({ kind: "synthetic", rows: 64, held_out_rows: 64 });
  await evidence.close();
});
