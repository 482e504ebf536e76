/**
 * @file A training step of every architecture next to one of TopK, in turn in one run: d_in 768, 32
 *   of the latents active per row, on normal rows. Where training decides how many latents are
 *   active, thresholds and biases start so that about as many are.
 *
 * Floor: TopK's, because every architecture encodes, decodes and updates what TopK does. Batch-wide
 * k selects among four times as many candidates; nested prefixes decode twice; JumpReLU and Gated
 * score in float32, and Gated decodes twice.
 */

import type { Backend } from "../src/backend/backend.ts";
import { resolveOptions } from "../src/sae/architecture.ts";
import type { LinearTrainable } from "../src/sae/linear/linear-trainable.ts";
import { ARCHITECTURES } from "../src/sae/registry.ts";
import { type BenchLine, median, timing } from "./harness.ts";

const [BATCH, D_IN, K] = [4096, 768, 32];
const [WARMUP, ROUNDS] = [2, 7];

/** The number that a standard normal exceeds with probability `share`, by bisection. */
function quantile(share: number): number {
  const above = (z: number) => {
    let sum = 0;
    for (let t = z; t < 8; t += 1e-3) sum += Math.exp((-t * t) / 2) * 1e-3;
    return sum / Math.sqrt(2 * Math.PI);
  };
  let [low, high] = [0, 6];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (above(middle) > share) low = middle;
    else high = middle;
  }
  return low;
}

async function trainable(backend: Backend, name: string, dSae: number): Promise<LinearTrainable> {
  const architecture = ARCHITECTURES.find((a) => a.name === name)!;
  const shape = { dIn: D_IN, dSae };
  const cut = quantile(K / dSae);
  const options = resolveOptions(architecture, { k: K, initialThreshold: cut }, shape);
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const context = { backend, dIn: D_IN, batch: BATCH, shared: new Map() };
  const sae = architecture.create(context, { dSae, options, adam }) as LinearTrainable;
  await sae.initialise({ seed: 0, restart: 0 });
  const { parameters: p, spec } = sae.member;
  // Scores of xavier's rows are shorter by their length.
  const length = Math.hypot(...(p.encoder?.parameter ?? p.unit).subarray(0, D_IN));
  if (spec.selection.kind === "relu" || spec.selection.kind === "gated")
    p.bias.parameter.fill(-cut * length);
  sae.member.density = K / dSae;
  return sae;
}

export async function benchArchitectures(backend: Backend, dSae: number): Promise<BenchLine[]> {
  const x = backend.float32(BATCH * D_IN);
  await backend.fillRandom({ k0: 1, k1: 2, start: 0, out: x, normal: true });
  const names = ARCHITECTURES.map(({ name }) => name);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  const l0 = new Map<string, number>();
  for (const name of names) {
    // Ours and TopK in turn, so that both see the machine as busy.
    const [own, topk] = [
      await trainable(backend, name, dSae),
      await trainable(backend, "topk", dSae),
    ];
    const beside: number[] = [];
    for (let round = 0; round < WARMUP + ROUNDS; round++)
      for (const [sae, into] of [
        [own, times.get(name)!],
        [topk, beside],
      ] as const) {
        const start = performance.now();
        const result = await sae.backward(await sae.forward({ x }), { lr: 1e-5 });
        if (round >= WARMUP) into.push(performance.now() - start);
        if (sae === own) l0.set(name, result.l0);
      }
    times.set(`${name}/topk`, beside);
  }
  return names.map((name) => {
    const ours = times.get(name)!;
    const topk = times.get(`${name}/topk`)!;
    return {
      name: `step of ${name}`,
      shape: { batch: BATCH, d_in: D_IN, d_sae: dSae },
      threads: backend.threads,
      isa: backend.isa,
      ms: timing(ours),
      against: "TopK",
      against_ms: timing(topk),
      ratio: Number((median(topk) / median(ours)).toPrecision(3)),
      l0: Number(l0.get(name)!.toPrecision(3)),
    };
  });
}
