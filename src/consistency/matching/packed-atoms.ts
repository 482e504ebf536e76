/**
 * @file A dictionary's atoms as the top-k kernel searches them, packed once for all matchings that
 *   look among them.
 */

import type { Backend, EncoderShape } from "../../backend/backend.ts";

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
  get(shape: EncoderShape): Promise<Uint8Array> {
    this.#packing ??= this.#pack(shape);
    return this.#packing;
  }

  async #pack(shape: EncoderShape): Promise<Uint8Array> {
    this.#memory ??= this.#backend.bytes(this.#backend.encoderPacking(shape).bytes);
    const [W, order, packed] = [this.#atoms, this.#order, this.#memory];
    await this.#backend.packEncoder({ W, order, packed, ...shape });
    return this.#memory;
  }
}
