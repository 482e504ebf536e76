/** A metric: what it means in words, and how it follows from sums over held-out rows. */
import * as concord from "concord-sae";

/** In the repository: `src/metrics/latents-used.ts`, and a line in `registry.ts`. */
export const latentsUsed: concord.ReconstructionMetric = {
  name: "latents_used",
  label: "Latents used",
  formula: "exp(−Σ pⱼ ln pⱼ), pⱼ = rows with latent j active / Σ over latents",
  unit: "latents",
  better: "higher",
  range: "[1, d_sae]",
  summary: "How many latents share the work: d_sae when all are equally often active.",
  compute({ activeRows }) {
    const total = activeRows.reduce((sum, rows) => sum + rows, 0);
    const entropy = activeRows.reduce((sum, rows) => {
      const p = rows / total;
      return p > 0 ? sum - p * Math.log(p) : sum;
    }, 0);
    return Math.exp(entropy);
  },
};

const { backend } = concord.openBackend();
const data = Float32Array.from({ length: 4000 * 16 }, (_, i) => Math.sin(i * i) ** 3);
const source = await concord.openArraySource({ data, dIn: 16 });
const options = { dIn: 16, dSae: 32, k: 4, lr: 1e-3, seeds: [0], batch: 256 };
const population = await concord.createPopulation(backend, options);
const run = { population, stream: source.train, firstStep: 0, totalSteps: 50 };
for await (const _ of concord.trainPopulation({ ...run, clock: () => performance.now() }));

const saes = population.members.map(({ sae }) => sae.inference());
const [sums] = await concord.evaluateSaes(backend, saes, source.heldOut, source.dIn);
for (const metric of [...concord.RECONSTRUCTION_METRICS, latentsUsed])
  console.log(`${metric.label} ${metric.compute(sums!).toPrecision(4)} (${metric.unit})`);
