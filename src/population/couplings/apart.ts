/**
 * @file A term against two atoms of one member becoming the same:
 *
 *   L = weight · Σ_members (1/n) Σ_{f<g} max(0, cos(u_f, u_g) − above)²
 *
 * Nothing in MFR keeps two atoms of one SAE from being pulled onto one. OrtSAE penalises the
 * largest cosine of each atom within random chunks; here every pair above the threshold counts,
 * exactly, and the others are free. Opposite atoms are not the same, so the sign matters.
 */

import type { SavedState } from "../../base/checkpointable.ts";
import type { Population } from "../population.ts";
import type { Coupling, CouplingBytes, Pull } from "./coupling.ts";
import { PullEdges } from "./pull-edges.ts";

/** How hard, and from where on, atoms are pushed apart. */
export interface ApartOptions {
  readonly weight: number;
  /** Cosine above which two atoms are pushed. */
  readonly above: number;
}

/** Rows of the matrix of cosines that are held at once. */
const ROWS_AT_ONCE = 256;

/** Pushes nearly equal atoms of each member apart; see the head of this file. */
export class AtomsApart implements Coupling {
  readonly name = "apart";
  readonly #options: ApartOptions;
  readonly #cosines: Float32Array;
  readonly #gradients: (Float32Array | undefined)[];

  /** @param coupled Indices of the members that take part. */
  constructor(population: Population, options: ApartOptions, coupled: readonly number[]) {
    const { members, backend } = population;
    this.#options = options;
    const most = Math.max(...coupled.map((i) => members[i]!.sae.dSae));
    this.#cosines = backend.float32(Math.min(ROWS_AT_ONCE, most) * most);
    this.#gradients = members.map(({ sae }, i) =>
      coupled.includes(i) ? backend.float32(sae.dSae * population.dIn) : undefined,
    );
  }

  async pull({ members, backend }: Population): Promise<Pull> {
    const { weight, above } = this.#options;
    let loss = 0;
    let pushed = 0;
    for (const [i, { sae }] of members.entries()) {
      const out = this.#gradients[i];
      if (!out) continue;
      const atoms = sae.dictionary();
      const { unit, count: n, d } = atoms;
      const near: { f: number[]; g: number[]; excess: number[] } = { f: [], g: [], excess: [] };
      for (let first = 0; first < n; first += ROWS_AT_ONCE) {
        const m = Math.min(ROWS_AT_ONCE, n - first);
        const a = unit.subarray(first * d, (first + m) * d);
        const c = this.#cosines.subarray(0, m * n);
        await backend.gemm({ a, b: unit, c, m, n, k: d, transposeB: true });
        for (let r = 0; r < m; r++)
          for (let g = 0; g < n; g++) {
            const excess = c[r * n + g]! - above;
            if (excess <= 0 || g === first + r) continue;
            near.f.push(first + r);
            near.g.push(g);
            near.excess.push(excess);
            // Each pair is met twice.
            loss += (0.5 * weight * excess ** 2) / n;
          }
      }
      const edges = new PullEdges();
      edges.add({
        latents: Int32Array.from(near.f),
        partner: 0,
        rows: Int32Array.from(near.g),
        weights: Float32Array.from(near.excess),
        scale: (2 * weight) / n,
      });
      pushed += near.f.length / 2;
      await edges.pull(backend, atoms, [unit], out);
    }
    return { loss, gradients: this.#gradients, work: pushed > 0 ? { pushed } : {} };
  }

  save(): SavedState {
    return { arrays: {}, json: {} };
  }

  load(): void {}

  /** The pairs above the threshold are few; what they take is not counted. */
  bytes(): CouplingBytes {
    return { held: 0, scratch: 0 };
  }
}
