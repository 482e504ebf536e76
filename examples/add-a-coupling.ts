/**
 * A coupling of your own: members repel each other, so that together they find more features.
 *
 *   L = weight · Σ_{i<j} mean over atoms a of member i of cos(a, its nearest atom of member j)
 */
import * as concord from "concord-sae";

class Repulsion implements concord.Coupling {
  readonly name = "repulsion";
  readonly weight: number;

  constructor(weight: number) {
    this.weight = weight;
  }

  async pull({ members, backend }: concord.Population): Promise<concord.Pull> {
    const atoms = members.map(({ sae }) => sae.dictionary());
    const gradients = atoms.map(({ count, d }) => backend.float32(count * d));
    let loss = 0;
    for (const [i, one] of atoms.entries())
      for (const [j, other] of atoms.entries()) {
        if (j <= i) continue;
        for (let a = 0; a < one.count; a++) {
          const { index, cosine } = nearest(one, a, other);
          loss += (this.weight * cosine) / one.count;
          // Either atom is pushed away from the other, along the sphere.
          push(gradients[i]!, one, a, other, index, this.weight / one.count);
          push(gradients[j]!, other, index, one, a, this.weight / one.count);
        }
      }
    return { loss, gradients, work: {} };
  }

  // It has no state of its own, and no memory that lasts.
  save = () => ({ arrays: {}, json: {} });
  load = () => {};
  bytes = () => ({ held: 0, scratch: 0 });
}

function nearest(from: concord.Atoms, atom: number, among: concord.Atoms) {
  let best = { index: 0, cosine: -1 };
  for (let index = 0; index < among.count; index++) {
    let cosine = 0;
    for (let k = 0; k < from.d; k++)
      cosine += from.unit[atom * from.d + k]! * among.unit[index * from.d + k]!;
    if (cosine > best.cosine) best = { index, cosine };
  }
  return best;
}

/** Adds weight · d cos / d parameter, which goes through the normalisation of the row. */
function push(
  gradient: Float32Array,
  own: concord.Atoms,
  atom: number,
  other: concord.Atoms,
  index: number,
  weight: number,
): void {
  const at = atom * own.d;
  const row = own.unit.subarray(at, at + own.d);
  const towards = other.unit.subarray(index * own.d, (index + 1) * own.d);
  const along = row.reduce((sum, v, k) => sum + v * towards[k]!, 0);
  const length = own.parameter ? Math.hypot(...own.parameter.subarray(at, at + own.d)) : 1;
  for (let k = 0; k < own.d; k++)
    gradient[at + k]! += (weight * (towards[k]! - along * row[k]!)) / length;
}

const { backend } = concord.openBackend();
const data = Float32Array.from({ length: 20_000 * 32 }, (_, i) => Math.sin(i * i) ** 3);
const { train: stream } = await concord.openArraySource({ data, dIn: 32 });
const options = { dIn: 32, dSae: 64, k: 4, lr: 1e-3, seeds: [0, 1, 2], batch: 512 };
const population = await concord.createPopulation(backend, options);
const coupling = new Repulsion(1);
const steps = concord.trainPopulation({
  population,
  coupling,
  stream,
  firstStep: 0,
  totalSteps: 100,
  clock: () => performance.now(),
});
for await (const { step, couplingLoss } of steps)
  if (step % 50 === 0) console.log(`step ${step}: coupling loss ${couplingLoss.toFixed(3)}`);

const { pwMcc } = await concord.comparePopulation(backend, concord.dictionariesOf(population));
console.log(
  `PW-MCC ${pwMcc?.mean.toFixed(3)}; of unrelated dictionaries ${pwMcc?.null.toFixed(3)}`,
);
