/** @file One SAE on the activations of another place, batch by batch. */

import type { Backend } from "../../../backend/backend.ts";
import type { TransferMaps } from "../../../consistency/lab/transfer-maps.ts";
import type { SaeRunner } from "../../../sae/sae.ts";

/** FVU of an SAE on the rows of another place. */
export interface TransferFvu {
  /** Of the SAE that was trained there. */
  readonly own: number;
  /** As the rows come; undefined where d_in differs. */
  readonly raw: number | undefined;
  /** Through the orthogonal map, and through it alone, without an SAE. */
  readonly procrustes: number;
  readonly procrustesAlone: number;
  /** Through the orthogonal map with one factor for lengths. Alone it loses what that loses. */
  readonly scaled: number;
  /** Through the affine maps, and through them alone. */
  readonly affine: number;
  readonly affineAlone: number;
}

/** The maps that are tried. */
export type TriedMaps = Pick<TransferMaps, "procrustes" | "scaled" | "affine">;

/** Σ‖x − mean‖² over rows, the mean taken over the same rows. */
class Variance {
  readonly #about: Float32Array;
  readonly #sum: Float64Array;
  #squares = 0;
  #rows = 0;

  constructor(about: Float32Array) {
    this.#about = about;
    this.#sum = new Float64Array(about.length);
  }

  add(x: Float32Array): void {
    const d = this.#about.length;
    for (let at = 0; at < x.length; at += d)
      for (let j = 0; j < d; j++) {
        const from = x[at + j]! - this.#about[j]!;
        this.#sum[j]! += from;
        this.#squares += from * from;
      }
    this.#rows += x.length / d;
  }

  get value(): number {
    return this.#squares - this.#sum.reduce((sum, s) => sum + s * s, 0) / this.#rows;
  }
}

/** out = x map + mean, x centred, [rows, n] to [rows, m]. */
async function mapped(
  backend: Backend,
  x: Float32Array,
  [from, map, to]: readonly [Float32Array, Float32Array, Float32Array],
): Promise<Float32Array> {
  const [n, m] = [from.length, to.length];
  const rows = x.length / n;
  const centred = backend.float32(rows * n);
  await backend.center({ x, offset: from, batch: rows, dIn: n, out: centred });
  const out = backend.float32(rows * m);
  await backend.gemm({ a: centred, b: map, c: out, m: rows, n: m, k: n });
  for (let at = 0; at < out.length; at += m) for (let j = 0; j < m; j++) out[at + j]! += to[j]!;
  return out;
}

/** The reconstruction of x by an SAE, [rows, d_in]. */
async function reconstructed(runner: SaeRunner, x: Float32Array, rows: number) {
  const { residual } = await runner.residual(x, await runner.encode(x, rows));
  return x.map((v, i) => v + residual[i]!);
}

/** Errors of an SAE, the guest, on the rows of another, the host. */
export class TransferTrial {
  readonly #backend: Backend;
  readonly #host: SaeRunner;
  readonly #guest: SaeRunner;
  readonly #maps: TriedMaps;
  readonly #isSameWidth: boolean;
  readonly #variance: Variance;
  readonly #errors = {
    own: 0,
    raw: 0,
    procrustes: 0,
    procrustesAlone: 0,
    scaled: 0,
    affine: 0,
    affineAlone: 0,
  };

  /** @param maps From the host's activations to the guest's. */
  constructor(backend: Backend, host: SaeRunner, guest: SaeRunner, maps: TriedMaps) {
    this.#backend = backend;
    this.#host = host;
    this.#guest = guest;
    this.#maps = maps;
    const { meanX, meanY } = maps.procrustes;
    this.#isSameWidth = meanX.length === meanY.length;
    this.#variance = new Variance(meanX);
  }

  /** Adds rows of the host, [rows, d_in]. */
  async add(x: Float32Array, rows: number): Promise<void> {
    this.#variance.add(x);
    this.#error("own", x, await reconstructed(this.#host, x, rows));
    if (this.#isSameWidth) this.#error("raw", x, await reconstructed(this.#guest, x, rows));
    for (const name of ["procrustes", "scaled", "affine"] as const) {
      const { meanX, meanY, there, back } = this.#maps[name];
      const y = await mapped(this.#backend, x, [meanX, there, meanY]);
      if (name !== "scaled")
        this.#error(`${name}Alone`, x, await mapped(this.#backend, y, [meanY, back, meanX]));
      const found = await reconstructed(this.#guest, y, rows);
      this.#error(name, x, await mapped(this.#backend, found, [meanY, back, meanX]));
    }
  }

  #error(name: keyof TransferFvu, x: Float32Array, reconstruction: Float32Array): void {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i]! - reconstruction[i]!) ** 2;
    this.#errors[name] += sum;
  }

  /** FVU over the rows so far; NaN or infinite for constant rows. */
  numbers(): TransferFvu {
    const { value } = this.#variance;
    const fvu = (name: keyof TransferFvu) => this.#errors[name] / value;
    return {
      own: fvu("own"),
      raw: this.#isSameWidth ? fvu("raw") : undefined,
      procrustes: fvu("procrustes"),
      procrustesAlone: fvu("procrustesAlone"),
      scaled: fvu("scaled"),
      affine: fvu("affine"),
      affineAlone: fvu("affineAlone"),
    };
  }
}
