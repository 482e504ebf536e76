/** A kind of data: its keys in a config, its rows, and the words that reports have for it. */
import * as concord from "concord-sae";
import { z } from "zod";

const schema = z.strictObject({
  kind: z.literal("tides").describe("Made-up water levels: two tides of drifting phase"),
  rows: z.int().min(10).default(4000).describe("Rows in all"),
  samples: z.int().min(2).default(32).describe("Samples of a row, which is d_in"),
  normalize: z.enum(["none", "expected_norm", "layer_norm"]).default("none"),
  seed: z.int().min(0).optional().describe("Of the order of rows; default: the run's seed"),
});

/** In the repository: `src/domains/tides/tides.ts`, and a line in `src/domains/domains.ts`. */
export const tides: concord.Domain<z.output<typeof schema>> = {
  kind: "tides",
  schema,
  listKeys: [],
  unit: "tides",
  async open({ rows, samples, seed }, context) {
    const level = (i: number, j: number) =>
      Math.sin(0.37 * i + 0.5 * j) + 0.4 * Math.sin(1.1 * i + 0.24 * j);
    const data = Float32Array.from({ length: rows * samples }, (_, at) =>
      level(Math.floor(at / samples), at % samples),
    );
    const source = await concord.openArraySource({
      data,
      dIn: samples,
      seed: seed ?? context.seed,
      kernels: context.backend,
    });
    return { ...source, provenance: { ...source.provenance, kind: "tides", samples } };
  },
  describe: ({ samples }) => `made-up tides of ${String(samples)} samples`,
};

const { backend } = concord.openBackend();
const context = {
  backend,
  seed: 0,
  baseFolder: ".",
  cacheDir: ".cache",
  catalogue: { cacheDir: ".cache", offline: true },
};
const source = await tides.open(schema.parse({ kind: "tides" }), context);
const options = { dIn: source.dIn, dSae: 64, k: 4, lr: 1e-3, seeds: [0, 1], batch: 256 };
const population = await concord.createPopulation(backend, options);
const run = { population, stream: source.train, firstStep: 0, totalSteps: 100 };
for await (const { step, members } of concord.trainPopulation({ ...run, clock: () => 0 }))
  if (step % 50 === 0) console.log(`step ${step}: loss ${members[0]!.loss.toFixed(3)}`);
console.log(`trained on ${tides.describe(source.provenance)}`);
