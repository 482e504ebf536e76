/** Three SAEs on your own activations, and how far they agree. */
import * as concord from "concord-sae";

const { backend } = concord.openBackend();
const data = Float32Array.from({ length: 20_000 * 32 }, (_, i) => Math.sin(i * i) ** 3); // yours, [20000, 32]
const { train: stream } = await concord.openArraySource({ data, dIn: 32 });

const options = { dIn: 32, dSae: 64, k: 4, lr: 1e-3, seeds: [0, 1, 2], batch: 512 };
const population = await concord.createPopulation(backend, options);
const run = { population, stream, firstStep: 0, totalSteps: 200, clock: () => performance.now() };
for await (const { step, members } of concord.trainPopulation(run))
  if (step % 50 === 0) console.log(`step ${step}: loss ${members[0]?.loss.toFixed(3)}`);

const { pwMcc } = await concord.comparePopulation(backend, concord.dictionariesOf(population));
const [agreement, chance] = [pwMcc?.mean.toFixed(3), pwMcc?.null.toFixed(3)];
console.log(`PW-MCC ${agreement}; of unrelated dictionaries ${chance}`);
