/**
 * @file A dictionary's atoms as `searchTopK` takes them, packed once for all matchings that search
 *   them.
 */

import type { Backend, SearchShape } from "../../backend/backend.ts";

/** Packs atoms at the first request, and again after they have moved. */
export class PackedAtoms {
  readonly #backend: Backend;
  readonly #atoms: Float32Array;
  readonly #order: Int32Array | undefined;
  #memory: Uint8Array | undefined;
  #packing: Promise<Uint8Array> | undefined;

  /**
   * @param atoms [d_sae, d_in]
   * @param order The atom at each place of the packing, [d_sae]; default: ascending.
   */
  constructor(backend: Backend, atoms: Float32Array, order?: Int32Array) {
    this.#backend = backend;
    this.#atoms = atoms;
    this.#order = order;
  }

  /** To be called when the atoms, or their order, have changed. */
  renew(): void {
    this.#packing = undefined;
  }

  /** @param shape The same at every call. */
  get(shape: SearchShape): Promise<Uint8Array> {
    this.#packing ??= this.#pack(shape);
    return this.#packing;
  }

  async #pack(shape: SearchShape): Promise<Uint8Array> {
    this.#memory ??= this.#backend.bytes(this.#backend.searchPacking(shape).bytes);
    const [columns, order, packed] = [this.#atoms, this.#order, this.#memory];
    await this.#backend.packColumns({ columns, order, packed, ...shape });
    return this.#memory;
  }
}
