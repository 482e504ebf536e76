/**
 * An SAE of your own: an encoder of two layers, TopK and a linear decoder, written as what it
 * computes. The tape differentiates it. It trains in a population, can be coupled, is kept in
 * checkpoints and evaluated like any other (docs/new-sae.md).
 */
import * as concord from "concord-sae";
import { z } from "zod";

const { add, gelu, linear, matmul, relu, squaredDistance, subtract, topK, unitRows } = concord.tape;

const mlpTopk = concord.tapeArchitecture({
  name: "topk_mlp",
  summary: "TopK with an encoder of two layers",
  source: "this example",
  loss: "mean over the batch of the sum over d_in",
  options: {
    k: concord.option(z.int().min(1), "Active latents per row"),
    hidden: concord.option(z.int().min(1), "Width of the encoder's hidden layer"),
  },
  defaults: ({ dIn }) => ({ k: 4, hidden: 4 * dIn }),
  record({ x, target, dIn, dSae, parameter }, { k, hidden }) {
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal" });
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const W1 = parameter("W_1", [hidden, dIn], { start: "kaiming_uniform" });
    const W2 = parameter("W_2", [dSae, hidden], { start: "kaiming_uniform" });
    const layer = gelu(linear(subtract(x, decoderBias), W1, parameter("b_1", [hidden])));
    const code = topK(relu(linear(layer, W2, parameter("b_2", [dSae]))), k);
    const reconstruction = add(matmul(code, unitRows(decoder)), decoderBias);
    const loss = squaredDistance(reconstruction, target);
    return { code, reconstruction, loss, decoder, decoderBias };
  },
});

const { backend } = concord.openBackend();
const [dIn, dSae, batch] = [32, 64, 512];
const data = Float32Array.from({ length: 20_000 * dIn }, (_, i) => Math.sin(i * i) ** 3);
const { train: stream } = await concord.openArraySource({ data, dIn });

const options = concord.resolveOptions(mlpTopk, { k: 6 }, { dIn, dSae });
const settings = { dSae, options, adam: { beta1: 0.9, beta2: 0.999, eps: 1e-8 } };
const members = [0, 1, 2].map((seed) => ({
  name: `seed-${seed}`,
  seed,
  lr: 1e-3,
  schedule: { warmupSteps: 0, decayStart: undefined },
  create: (context: concord.TrainableContext) => mlpTopk.create(context, settings),
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
