/** What is drawn as curves: loss over tokens, how often latents are active, agreement by that. */

import type { StudyCurve } from "../../src/index.ts";
import { agreements } from "./agreement.ts";

/** Loss over tokens; medians of three logged steps, since single batches stand out. */
const loss: StudyCurve = {
  name: "loss",
  async of(run) {
    const lines = await run.log("metrics.jsonl");
    const values = lines.map((line) => {
      const members = line["members"] as Readonly<Record<string, { readonly loss: number }>>;
      return members[run.members[0]!.name]!.loss;
    });
    const median = (i: number) =>
      values.slice(Math.max(0, i - 1), i + 2).toSorted((a, b) => a - b)[
        Math.min(1, values.length - 1)
      ]!;
    return {
      x: lines.map((line) => Number(line["activations"])),
      y: values.map((_, i) => median(i)),
    };
  },
};

/** Bins of a decade, from one held-out row in ten thousand on. */
const [FIRST, BINS_PER_DECADE] = [-5, 4];

/** Latents by how often they are active, as fractions; bins are powers of ten. */
const density: StudyCurve = {
  name: "density",
  async of(run) {
    const densities = await run.density(run.members[0]!.name);
    if (!densities) return undefined;
    const bins = new Array<number>(-FIRST * BINS_PER_DECADE).fill(0);
    for (const value of densities) {
      if (value <= 0) continue;
      const bin = Math.floor((Math.log10(value) - FIRST) * BINS_PER_DECADE);
      bins[Math.min(bins.length - 1, Math.max(0, bin))]! += 1 / densities.length;
    }
    return { x: bins.map((_, i) => FIRST + i / BINS_PER_DECADE), y: bins };
  },
};

/** Mean cosine with the partner of a tenth of the live latents, from the rarest on. */
const deciles: StudyCurve = {
  name: "deciles",
  async of(run, { backend }) {
    if (!run.partner) return undefined;
    const { cosine, density: active } = await agreements.of(backend, run, run.partner);
    const order = [...active.keys()]
      .filter((i) => active[i]! > 0)
      .toSorted((a, b) => active[a]! - active[b]!);
    const tenth = (n: number) => Math.floor((n * order.length) / 10);
    const means = Array.from({ length: 10 }, (_, n) => {
      const own = order.slice(tenth(n), tenth(n + 1));
      return own.reduce((sum, i) => sum + cosine[i]!, 0) / own.length;
    });
    return means.every(Number.isFinite) ? { x: means.map((_, n) => n + 1), y: means } : undefined;
  },
};

export const curves: readonly StudyCurve[] = [loss, density, deciles];
