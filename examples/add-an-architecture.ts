/**
 * An architecture of your own: TopK whose one matrix encodes and, normalised, decodes, with a ReLU.
 *
 * A file like this in src/sae/architectures/, and its line in src/sae/registry.ts, would make it
 * known to configs. What the fused step cannot compute implements `concord.Trainable` instead.
 */
import * as concord from "concord-sae";
import { z } from "zod";

const tiedTopkRelu = concord.linearArchitecture({
  name: "topk_relu_tied",
  summary: "k largest pre-activations, tied weights, then ReLU",
  source: "this example",
  loss: "mean over the batch of the mean over d_in",
  isTied: true,
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  options: { k: concord.option(z.int().min(1), "Active latents per row") },
  defaults: () => ({ k: 4 }),
  spec: ({ k }) => ({
    name: "topk_relu_tied",
    tying: concord.TYING.tiedRaw,
    selection: { kind: "topk", k, relu: true },
    decoderBias: undefined,
    lossReduction: "mean",
    l1: 0,
    auxK: undefined,
    weightInit: "orthogonal",
    clipNorm: undefined,
  }),
});

const { backend } = concord.openBackend();
const [dIn, dSae, batch] = [32, 64, 512];
const data = Float32Array.from({ length: 20_000 * dIn }, (_, i) => Math.sin(i * i) ** 3);
const { train: stream } = await concord.openArraySource({ data, dIn });

const options = concord.resolveOptions(tiedTopkRelu, { k: 6 }, { dIn, dSae });
const settings = { dSae, options, adam: { beta1: 0.9, beta2: 0.999, eps: 1e-8 } };
const members = [0, 1, 2].map((seed) => ({
  name: `seed-${seed}`,
  seed,
  lr: 1e-3,
  schedule: { warmupSteps: 0, decayStart: undefined },
  create: (context: concord.TrainableContext) => tiedTopkRelu.create(context, settings),
}));
const population = concord.allocatePopulation(backend, { dIn, batch, members });
await concord.initialisePopulation(population);
const run = { population, stream, firstStep: 0, totalSteps: 100, clock: () => performance.now() };
for await (const { step, members: found } of concord.trainPopulation(run))
  if (step % 50 === 0) console.log(`step ${step}: loss ${found[0]?.loss.toFixed(4)}`);

const { pwMcc } = await concord.comparePopulation(backend, concord.dictionariesOf(population));
console.log(
  `PW-MCC ${pwMcc?.mean.toFixed(3)}; of unrelated dictionaries ${pwMcc?.null.toFixed(3)}`,
);
