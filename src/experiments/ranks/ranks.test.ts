/** A run on several ranks has the bytes of a run on one, and ends on all ranks alike. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcessExchanges } from "../../../test/support/in-process-exchange.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext } from "../../../test/support/tiny-run.ts";
import type { Exchange } from "../../backend/ranks/exchange.ts";
import { parseConfig } from "../../config/load-config.ts";
import type { RunContext } from "../run-context.ts";
import { trainRun } from "../train-run.ts";
import { joinRun } from "./join-run.ts";

const CONFIG = `
name: shared
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 64, features: 64, groups: 2, active: 2, held_out_rows: 16 }
population: { members: 2, architecture: topk, d_sae: 1024, k: 2, lr: 0.01 }
coupling: { weight: 0.1 }
training: { batch: 24, steps: 6, log_every: 2, checkpoint_every: 3 }
analyses: [evaluation]
`;

const sleep = () => new Promise<void>((wake) => setImmediate(wake));

interface Rank extends Partial<RunContext> {
  /** In place of those of all ranks. */
  readonly settings?: readonly string[];
}

/** Runs the config on one rank for each of `own`, which say what is special about it. */
async function onRanks(
  folder: string,
  settings: readonly string[],
  own: readonly Rank[],
  { resume = false, wrap = (e: Exchange) => e } = {},
) {
  const { ranks: exchanges, bytes } = inProcessExchanges(own.length);
  const results = own.map(async ({ settings: others = settings, ...special }, rank) => {
    const [planned] = parseConfig(CONFIG, "c.yaml", [`runs_folder=${folder}`, ...others]);
    const ranks = {
      rank,
      size: own.length,
      timeoutMs: 1000,
      sleep,
      connect: async () => wrap(exchanges[rank]!),
    };
    const context = { ...tinyContext(folder), clock: () => 0, ...special, ranks };
    if (rank > 0) return joinRun(planned!, context);
    const { folder: run } = await trainRun(planned!, context, resume);
    return { fromStep: run.path };
  });
  return { ends: await Promise.allSettled(results), bytes: bytes() };
}

/** Does something before the n-th message of rank 1. */
function atCall(n: number, act: (exchange: Exchange) => void) {
  let calls = 0;
  return (exchange: Exchange): Exchange => ({
    ...exchange,
    gather(...message) {
      if (exchange.rank === 1 && ++calls === n) act(exchange);
      return exchange.gather(...message);
    },
  });
}

async function alone(folder: string, settings: readonly string[]): Promise<void> {
  const [planned] = parseConfig(CONFIG, "c.yaml", [`runs_folder=${folder}`, ...settings]);
  await trainRun(planned!, { ...tinyContext(folder), clock: () => 0 }, false);
}

const FILES = [
  "metrics.jsonl",
  "results/evaluation.json",
  "saes/member-0/sae_weights.safetensors",
  "checkpoints/step-000006/state.json",
  "checkpoints/step-000006/state.safetensors",
];
const bytesOf = (folder: string) =>
  FILES.map((name) => readFileSync(join(folder, "shared", name), "latin1"));

const PRUNED = { config: "population.architecture=batchtopk", what: "batch-wide k with AuxK" };
const AUX = "population.aux_k={ coefficient: 0.1, k_aux: 4, dead_after_tokens: 48 }";

test.each([
  ["TopK, coupled", [] as string[]],
  [PRUNED.what, [PRUNED.config, AUX]],
  ["ReLU", ["population.architecture=relu", "population.l1=0.001", "coupling.weight=0"]],
  ["JumpReLU", ["population.architecture=jumprelu", "coupling.weight=0"]],
  ["gated", ["population.architecture=gated", "coupling.weight=0"]],
])("%s: three ranks give the bytes of one", async (_, settings) => {
  const [one, three] = [temporaryFolder(), temporaryFolder()];
  await alone(one, settings);
  const { ends } = await onRanks(three, settings, [{}, {}, {}]);
  expect(ends[1]).toMatchObject({ value: { fromStep: 0, toStep: 6 } });
  expect(bytesOf(three)).toEqual(bytesOf(one));
});

test("TopK sends its codes, and little else", async () => {
  const { bytes } = await onRanks(temporaryFolder(), [], [{}, {}]);
  const codes = 6 * 2 * (24 * 2 * 8 + 2 * 4);
  expect(bytes).toBeGreaterThan(codes);
  expect(bytes).toBeLessThan(codes + 6 * 2 * 64 + 2 * 2 * 4096);
});

test("an interruption of any rank ends all with a checkpoint, from which they go on", async () => {
  const [one, two] = [temporaryFolder(), temporaryFolder()];
  await alone(one, []);
  const interrupt = new AbortController();
  const wrap = atCall(12, () => interrupt.abort());
  const first = await onRanks(two, [], [{}, { signal: interrupt.signal }], { wrap });
  const message = expect.stringMatching(/^Interrupted after step [1-5] of 6\.$/);
  const reason = { code: "interrupted", message };
  expect(first.ends).toMatchObject([{ reason }, { reason }]);
  const second = await onRanks(two, [], [{}, {}, {}], { resume: true });
  expect(second.ends[2]).toMatchObject({ value: { toStep: 6 } });
  expect(bytesOf(two)).toEqual(bytesOf(one));
  const third = await onRanks(two, [], [{}, {}], { resume: true });
  expect(third.ends[1]).toMatchObject({ value: { toStep: undefined } });
});

test("a rank that is lost is named with the step, and --resume repairs it", async () => {
  const [one, two] = [temporaryFolder(), temporaryFolder()];
  await alone(one, []);
  const wrap = atCall(20, (exchange) => exchange.close());
  const { ends } = await onRanks(two, [], [{}, {}, {}], { wrap });
  for (const rank of [0, 2])
    expect(ends[rank]).toMatchObject({
      reason: {
        code: "network/failed",
        message: expect.stringMatching(/^Rank 1 was lost in step \d: it closed\.$/),
        hint: expect.stringContaining("--resume"),
      },
    });
  await onRanks(two, [], [{}, {}], { resume: true });
  expect(bytesOf(two)).toEqual(bytesOf(one));
});

test.each([
  [
    "version of Node",
    { versions: { concord: "0.0.0", node: "21" } },
    "Rank 1 has another version of Node than rank 0: 21, not 20.",
  ],
  ["config", { settings: ["seed=1"] }, "Rank 1 has another config than rank 0."],
])("another %s is refused before anything is opened", async (_, special, message) => {
  const { ends } = await onRanks(temporaryFolder(), [], [{}, special]);
  const reason = { code: "run/conflict", message, hint: expect.any(String) };
  expect(ends).toMatchObject([{ reason }, { reason }]);
});

test("an SAE that is recorded on a tape is refused", async () => {
  const settings = ["population.architecture=lista", "coupling.weight=0"];
  const { ends } = await onRanks(temporaryFolder(), settings, [{}, {}]);
  const message = expect.stringMatching(/^--ranks shares .* and member-0 encodes on its own\.$/);
  expect(ends).toMatchObject([{ reason: { message } }, { reason: { message } }]);
});
