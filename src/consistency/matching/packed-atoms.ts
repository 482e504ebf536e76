/**
 * @file A dictionary's atoms as `searchTopK` takes them, packed once for all matchings that
 *   look among them.
 */

import type { Backend, SearchShape } from "../../backend/backend.ts";

/** Packs atoms when they are first asked for, and again after they have moved. */
export class PackedAtoms {
  readonly #backend: Backend;
  readonly #atoms: Float32Array;
  readonly #order: Int32Array | undefined;
  #memory: Uint8Array | undefined;
  #packing: Promise<Uint8Array> | undefined;

  /**
   * @param atoms [d_sae, d_in]
   * @param order In which they are packed, [d_sae]; default: as they come.
   */
  constructor(backend: Backend, atoms: Float32Array, order?: Int32Array) {
    this.#backend = backend;
    this.#atoms = atoms;
    this.#order = order;
  }

  /** The atoms, or their order, have changed. */
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
