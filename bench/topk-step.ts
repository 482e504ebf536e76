/**
 * @file The TopK training step at GPT-2 small's width, with clipping, AuxK bookkeeping and activity
 *   counters. The peer with a target is a PyTorch step with a sparse decoder and sparse gradients,
 *   as EleutherAI's sparsify takes it. The dense step of dictionary_learning with bfloat16 autocast
 *   is what most programs run; it is a weak peer, so it has no target.
 *
 * Floor at batch 4096, d_in 768, d_sae 24576, k 32: the encoder is 155 GFLOP (146 ms at the 1.06
 * TFLOP/s that two Zen 5 cores reach in bfloat16). Weights and moments, 0.9 GB, are read and
 * written once; gathers are 2 GB, mostly from the cache.
 */

import type { Backend } from "../src/backend/backend.ts";
import { allocateMember, initialiseWeights } from "../src/sae/linear/member.ts";
import { trainStep } from "../src/sae/linear/train-step.ts";
import { allocateWorkspace } from "../src/sae/linear/workspace.ts";
import { linearSpec } from "../test/support/linear.ts";
import { againstPeers, type BenchLine, median, timed } from "./harness.ts";

/** Wraps a backend so that the time spent in each kernel is summed. */
function profiled(backend: Backend): { backend: Backend; spent: Map<string, number> } {
  const spent = new Map<string, number>();
  const wrapped = new Proxy(backend, {
    get(target, key: keyof Backend) {
      const value = target[key];
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const start = performance.now();
        const result = (value as (...a: unknown[]) => unknown)(...args);
        if (!(result instanceof Promise)) return result;
        return result.finally(() =>
          spent.set(key, (spent.get(key) ?? 0) + performance.now() - start),
        );
      };
    },
  });
  return { backend: wrapped, spent };
}

export async function benchTopkStep(plain: Backend, dSae: number): Promise<BenchLine[]> {
  const { backend, spent } = profiled(plain);
  const [batch, dIn, k] = [4096, 768, 32];
  const spec = linearSpec("topk", { dIn, dSae, k });
  const adam = { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn, dSae, spec, adam });
  await initialiseWeights(backend, member, { seed: 0, restart: 0 });
  const workspace = allocateWorkspace(backend, { batch, dIn, dSae, capacity: batch * k });
  const x = backend.float32(batch * dIn);
  await backend.fillRandom({ k0: 1, k1: 2, start: 0, out: x, normal: true });
  let steps = 0;
  const stages = new Map<string, number[]>();
  const step = async () => {
    spent.clear();
    await trainStep(member, workspace, { x, lr: 1e-4 });
    steps++;
    for (const [kernel, ms] of spent) stages.set(kernel, [...(stages.get(kernel) ?? []), ms]);
  };
  const ours = () => timed(step, { warmup: 3, repeats: 9 });
  const line = {
    shape: { batch, d_in: dIn, d_sae: dSae, k },
    threads: plain.threads,
    isa: plain.isa,
  };
  const peer = { "d-sae": dSae, steps: 4, threads: plain.threads };
  const sparse = { ...line, name: "topk-step" };
  const least = dSae > 10_000 ? 3.3 : 3;
  const lines = await againstPeers(ours, sparse, "sparse_topk_step.py", peer, () => least);
  if (lines.some(({ against }) => against !== undefined)) {
    const dense = { ...line, name: "topk-step, weak peer" };
    lines.push(...(await againstPeers(ours, dense, "topk_step.py", peer, () => undefined)));
  }
  const medians = Object.fromEntries(
    [...stages].map(([kernel, ms]) => [kernel, Number(median(ms).toPrecision(4))]),
  );
  return lines.map((line) => ({ ...line, stages: medians, steps }));
}
