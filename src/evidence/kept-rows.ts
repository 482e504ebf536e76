/**
 * @file For every latent of one SAE the rows that are worth showing, in memory of fixed size: those
 *   with the largest keys.
 */

import { toBfloat16 } from "../base/float16.ts";

/** Keeps rows for each latent, by key. */
export class KeptRows {
  readonly slots: number;
  /** Places around a row whose activations are kept, the row in the middle; 0: none. */
  readonly width: number;
  /** [latents, slots]; −1 where nothing is kept. */
  readonly rows: Int32Array;
  /** Activation there, [latents, slots]. */
  readonly values: Float32Array;
  /** Activations around it as bfloat16 bits, [latents, slots, width]. */
  readonly around: Uint16Array;
  readonly #keys: Float64Array;
  /** The smallest key that is kept, [latents]; −∞ until all slots are taken. */
  readonly #lowest: Float64Array;
  readonly #taken: Int32Array;
  /** The slot of the smallest key, which is replaced next, [latents]; once all are taken. */
  readonly #next: Int32Array;

  constructor(latents: number, slots: number, width: number) {
    this.slots = slots;
    this.width = width;
    this.rows = new Int32Array(latents * slots).fill(-1);
    this.values = new Float32Array(latents * slots);
    this.around = new Uint16Array(latents * slots * width);
    this.#keys = new Float64Array(latents * slots).fill(Number.NEGATIVE_INFINITY);
    this.#lowest = new Float64Array(latents).fill(Number.NEGATIVE_INFINITY);
    this.#taken = new Int32Array(latents);
    this.#next = new Int32Array(latents);
  }

  /** Bytes for one latent. */
  static bytes(slots: number, width: number): number {
    return slots * (4 + 4 + 8 + 2 * width) + 16;
  }

  /**
   * Keeps a row if its key is larger than the smallest that is kept; of equal keys the first stays.
   * Rows come in ascending order.
   *
   * @returns The slot, or −1.
   */
  offer(latent: number, key: number, row: number, value: number): number {
    if (!(key > this.#lowest[latent]!)) return -1;
    const first = latent * this.slots;
    const isFull = this.#taken[latent] === this.slots;
    const slot = first + (isFull ? this.#next[latent]! : this.#taken[latent]!++);
    this.#keys[slot] = key;
    this.rows[slot] = row;
    this.values[slot] = value;
    if (this.#taken[latent] === this.slots) {
      const smallest = this.#smallest(first);
      this.#next[latent] = smallest;
      this.#lowest[latent] = this.#keys[first + smallest]!;
    }
    return slot;
  }

  /** Sets what is around the row in a slot: `offset` places behind it, negative before it. */
  setAround(slot: number, offset: number, value: number): void {
    const middle = (this.width - 1) / 2;
    this.around[slot * this.width + middle + offset] = toBfloat16(value);
  }

  clearAround(slot: number): void {
    this.around.fill(0, slot * this.width, (slot + 1) * this.width);
  }

  /** The slot of the smallest key, of equal ones that of the last row. */
  #smallest(first: number): number {
    let smallest = first;
    for (let i = first + 1; i < first + this.slots; i++) {
      if (this.#keys[i]! > this.#keys[smallest]!) continue;
      const isLater = this.rows[i]! > this.rows[smallest]!;
      if (this.#keys[i]! < this.#keys[smallest]! || isLater) smallest = i;
    }
    return smallest - first;
  }
}
