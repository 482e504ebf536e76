/**
 * @file The step of one of n ranks, TopK at GPT-2 small's width: the work of a rank alone, with the
 *   codes of the others already there, and what gathering them through Gloo takes on this machine.
 *
 * Floor: a rank encodes 1/n of the rows and does all the rest. With e the encoder's share of the
 * step, n ranks are at most 1 / (e / n + 1 − e) times as fast as one. Each rank sends and receives
 * (n − 1) / n of the code, 8 bytes for each active latent.
 */

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import type { Exchange } from "../src/backend/ranks/exchange.ts";
import { connectGloo } from "../src/backend/ranks/gloo-exchange.ts";
import { sharedBackend } from "../src/backend/ranks/shared-backend.ts";
import { allocateMember, initialiseWeights } from "../src/sae/linear/member.ts";
import { trainStep } from "../src/sae/linear/train-step.ts";
import { allocateWorkspace } from "../src/sae/linear/workspace.ts";
import { linearSpec } from "../test/support/linear.ts";
import { type BenchLine, median, timing } from "./harness.ts";

/** Rows that 2 and 3 divide. */
const [BATCH, D_IN, K] = [4092, 768, 32];
const SIZES = [1, 2, 3];
const WARMUP = 2;
const REPEATS = 5;
const GATHERS = 40;

/** Ranks that are always there, with the code of rank 0 as theirs. */
function echo(size: number): Exchange {
  return {
    rank: 0,
    size,
    async gather(mine, all) {
      for (let at = 0; at < all.length; at += mine.length) all.set(mine, at);
    },
    close() {},
  };
}

/** Processor time so far, milliseconds: what a busy machine does not change much. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function stepper(backend: Backend, dSae: number): Promise<() => Promise<number>> {
  const spec = linearSpec("topk", { dIn: D_IN, dSae, k: K });
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae, spec, adam });
  await initialiseWeights(backend, member, { seed: 0, restart: 0 });
  const workspace = allocateWorkspace(backend, {
    batch: BATCH,
    dIn: D_IN,
    dSae,
    capacity: BATCH * K,
  });
  const x = backend.float32(BATCH * D_IN);
  await backend.fillRandom({ k0: 1, k1: 2, start: 0, out: x, normal: true });
  return async () => {
    const start = processorMs();
    await trainStep(member, workspace, { x, lr: 1e-4 });
    return processorMs() - start;
  };
}

/** Milliseconds that gathering the code takes `size` processes of this machine, call by call. */
async function gatherMs(size: number, lengths: readonly number[]): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-ranks-"));
  const peers = SIZES.slice(0, size - 1).map((rank) =>
    fork(join(import.meta.dirname, "ranks-peer.ts"), [
      ...[rank, size, GATHERS, folder].map(String),
      ...lengths.map(String),
    ]),
  );
  try {
    const rank0 = { rank: 0, size, folder, address: "127.0.0.1", timeoutMs: 60_000 };
    const exchange = await connectGloo(rank0);
    const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    const mine = new Uint8Array(lengths[0]!);
    const found: number[] = [];
    for (let i = 0; i < GATHERS; i++) {
      const start = performance.now();
      await exchange.gather(mine, all, lengths, 60_000);
      found.push(performance.now() - start);
    }
    exchange.close();
    return found;
  } finally {
    for (const peer of peers) peer.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line for each number of ranks; times of steps are processor time. */
export async function benchRanks(backend: Backend, dSae: number): Promise<BenchLine[]> {
  const steps: (() => Promise<number>)[] = [];
  for (const size of SIZES)
    steps.push(
      await stepper(
        size === 1 ? backend : sharedBackend(backend, echo(size), { timeoutMs: 1 }),
        dSae,
      ),
    );
  const times = SIZES.map((): number[] => []);
  // In turn, so that a change of the machine's speed meets all of them.
  for (let i = 0; i < WARMUP + REPEATS; i++)
    for (const [n, step] of steps.entries()) {
      const ms = await step();
      if (i >= WARMUP) times[n]!.push(ms);
    }
  const lines: BenchLine[] = [];
  for (const [n, size] of SIZES.entries()) {
    const lengths = Array.from({ length: size }, () => 4 + (BATCH / size) * K * 8);
    const received = lengths.slice(1).reduce((sum, length) => sum + length, 0);
    const gathering = size === 1 ? [0] : await gatherMs(size, lengths);
    lines.push({
      name: "ranks",
      shape: { batch: BATCH, d_in: D_IN, d_sae: dSae, k: K, ranks: size },
      threads: backend.threads,
      isa: backend.isa,
      ms: timing(times[n]!),
      speedup_without_network: Number((median(times[0]!) / median(times[n]!)).toPrecision(3)),
      bytes_received: received,
      gather_ms: timing(gathering),
      // So that the network takes a tenth of the step.
      least_mbit_per_s: Math.ceil((received * 8) / (0.1 * median(times[n]!)) / 1000),
    });
  }
  return lines;
}
