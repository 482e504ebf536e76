/** Boosted chains: stages as runs, reused and continued, and refused where they do not fit. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow } from "../../../test/support/cli.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext } from "../../../test/support/tiny-run.ts";
import { parseConfig } from "../../config/load-config.ts";
import { evaluateSaes } from "../../evaluate/evaluate-saes.ts";
import { fvu } from "../../metrics/fvu.ts";
import { openSource } from "../open-source.ts";
import type { RunEvent } from "../run-context.ts";
import { boost } from "./boost.ts";
import { readEnsemble } from "./ensemble-folder.ts";

const CONFIG = `
name: tiny
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64, normalize: expected_norm }
population: { d_sae: 12, k: 1, lr: 0.01 }
training: { batch: 32, steps: 20, log_every: 5, checkpoint_every: 8 }
`;

interface Given {
  readonly settings?: readonly string[];
  readonly stages?: number;
  readonly out?: string;
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

function boosted(base: string, given: Given = {}) {
  const { settings = [], stages = 3, out = join(base, "out"), onEvent = () => {}, signal } = given;
  const [one] = parseConfig(CONFIG, "tiny.yaml", [`runs_folder=${base}`, ...settings]);
  return boost(one!, { ...tinyContext(base), onEvent, signal }, { stages, out });
}

test("stages are runs on what the former ones leave, and their FVU is that of the chain", async () => {
  const base = temporaryFolder();
  const { judged, file } = await boosted(base);
  expect(judged.map(({ name }) => name)).toEqual(["boost", "stage-1", "stage-1 to stage-2"]);
  expect(judged.map(({ latents, l0 }) => [latents, l0])).toEqual([
    [36, 3],
    [12, 1],
    [24, 2],
  ]);
  expect(judged[0]!.fvu).toBeLessThan(judged[2]!.fvu);
  expect(judged[2]!.fvu).toBeLessThan(judged[1]!.fvu);
  expect(judged[0]!.gtMcc).toBeGreaterThan(0);
  expect(file).toMatchObject({ kind: "boost", d_in: 8, d_sae: 36, k: 3, sae: null });
  expect(file.members.map(({ weight }) => weight)).toEqual([1, 1, 1]);
  const record = JSON.parse(readFileSync(join(base, "tiny-stage-3/run.json"), "utf8"));
  expect(record.provenance.residual_of.map((s: { path: string }) => s.path)).toEqual([
    "tiny-stage-1/saes/member-0",
    "tiny-stage-2/saes/member-0",
  ]);
  // The folder holds the chain that was judged.
  const context = tinyContext(base);
  const { ensemble } = await readEnsemble(context.backend, join(base, "out"));
  const [one] = parseConfig(CONFIG, "tiny.yaml");
  const source = await openSource(one!.config, context);
  const [sums] = await evaluateSaes(context.backend, [ensemble], source.heldOut, 8);
  expect(fvu.compute(sums!)).toBe(judged[0]!.fvu);
  // Stage 2 was evaluated on what stage 1 leaves: its errors are those of the chain of both.
  const second = JSON.parse(
    readFileSync(join(base, "tiny-stage-2/results/evaluation.json"), "utf8"),
  );
  const chain = { ...ensemble, members: ensemble.members.slice(0, 2), dSae: 24 };
  const [ofTwo] = await evaluateSaes(context.backend, [chain], source.heldOut, 8);
  expect(second.members[0].metrics.mse).toBeCloseTo(ofTwo!.squaredError / 64 / 8, 6);
});

test("interrupted and run again, it ends with the same bytes; finished stages are reused", async () => {
  const [whole, part] = [temporaryFolder(), temporaryFolder()];
  await boosted(whole);
  const stop = new AbortController();
  let opened = 0;
  const interrupted = boosted(part, {
    signal: stop.signal,
    onEvent(event) {
      if (event.kind === "opened") opened++;
      if (opened === 2 && event.kind === "step" && event.step.step === 5) stop.abort();
    },
  });
  await expect(interrupted).rejects.toMatchObject({
    code: "interrupted",
    hint: "Run the same command again: it goes on from the last checkpoint.",
  });
  const kinds: string[] = [];
  await boosted(part, { onEvent: ({ kind }) => void kinds.push(kind) });
  expect(kinds.filter((k) => k === "finished" || k === "opened")).toEqual([
    "finished",
    "opened",
    "opened",
  ]);
  const saes = (base: string) => filesBelow(join(base, "out", "members"), /cfg\.json$/);
  expect(saes(part)).toEqual(saes(whole));
});

test("a stage that followed another former stage is refused, finished or not", async () => {
  const base = temporaryFolder();
  await boosted(base);
  const weights = join(base, "tiny-stage-1/saes/member-0/sae_weights.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(weights, bytes);
  const before = filesBelow(join(base, "out"));
  await expect(boosted(base)).rejects.toMatchObject({
    code: "run/conflict",
    message: expect.stringMatching(
      /tiny-stage-2 began with other SAEs in source.residual_of: tiny-stage-1.saes.member-0 changed/,
    ),
  });
  // Another length of the first stage comes to the same.
  await expect(boosted(base, { settings: ["training.steps=24"] })).rejects.toMatchObject({
    code: "run/conflict",
  });
  expect(filesBelow(join(base, "out"))).toEqual(before);
});

test("a shorter chain replaces a longer one, which leaves nothing behind", async () => {
  const base = temporaryFolder();
  await boosted(base);
  await boosted(base, { stages: 2 });
  expect([...filesBelow(join(base, "out")).keys()].filter((f) => f.includes("member-2"))).toEqual(
    [],
  );
});

test.each<[string, Given, string]>([
  ["fewer than two stages", { stages: 1 }, "Expected at least 2 stages but received 1."],
  ["several members", { settings: ["population.members=2"] }, "the config has 2 members."],
  ["several settings", { settings: ["population.k=[1, 2]"] }, "the config has 2 members."],
])("%s are refused before anything is trained", async (_, given, message) => {
  const base = temporaryFolder();
  await expect(boosted(base, given)).rejects.toThrow(message);
  expect(filesBelow(base).size).toBe(0);
});

test("the stages are not written over", async () => {
  const base = temporaryFolder();
  await expect(boosted(base, { out: base })).rejects.toThrow("which the ensemble would replace");
  expect(filesBelow(base).size).toBe(0);
});

test("a stage whose run is gone is trained again", async () => {
  const base = temporaryFolder();
  const first = await boosted(base);
  rmSync(join(base, "tiny-stage-3"), { recursive: true });
  expect((await boosted(base)).judged).toEqual(first.judged);
});
