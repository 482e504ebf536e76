/** @file Reads the blocks of a generation in order, with a fixed number of reads in progress. */

import { rowBytes, type StoredRows } from "./stored-rows.ts";

/** A block whose read has started. */
interface Staged {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly ready: Promise<void>;
  isReady: boolean;
}

/** Reads `blocks` one after the other into `buffers`, as many ahead as there are buffers. */
export class ReadAhead {
  readonly #stored: StoredRows;
  readonly #rowsPerBlock: number;
  readonly #blocks: Int32Array;
  readonly #buffers: readonly Uint8Array[];
  readonly #staged: Staged[] = [];
  #asked = 0;
  #taken = 0;

  /** @param buffers Each holds `rowsPerBlock` rows; nobody else may use them until `settled`. */
  constructor(
    stored: StoredRows,
    rowsPerBlock: number,
    blocks: Int32Array,
    buffers: readonly Uint8Array[],
  ) {
    this.#stored = stored;
    this.#rowsPerBlock = rowsPerBlock;
    this.#blocks = blocks;
    this.#buffers = buffers;
    for (const buffer of buffers) this.#ask(buffer);
  }

  /** Rows of the next block, 0 after the last. */
  get nextRows(): number {
    return this.#taken < this.#blocks.length ? this.#rowsIn(this.#blocks[this.#taken]!) : 0;
  }

  /** Whether the next block is in memory, so that `take` need not wait for the disk. */
  get isReady(): boolean {
    return this.#staged[0]?.isReady ?? false;
  }

  /**
   * Waits for the next block and passes its bytes to `use`. Afterwards their buffer is filled with
   * the next block that is not yet requested.
   */
  async take(use: (bytes: Uint8Array, rows: number) => Promise<void>): Promise<void> {
    const { block, bytes, ready } = this.#staged[0]!;
    await ready;
    await use(bytes, this.#rowsIn(block));
    this.#staged.shift();
    this.#taken++;
    this.#ask(this.#buffers.find((buffer) => buffer.buffer === bytes.buffer)!);
  }

  /** Waits until no read is in progress, failed reads included. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#staged.map(({ ready }) => ready));
  }

  #ask(buffer: Uint8Array): void {
    if (this.#asked === this.#blocks.length) return;
    const block = this.#blocks[this.#asked++]!;
    const bytes = buffer.subarray(0, this.#rowsIn(block) * rowBytes(this.#stored));
    const ready = this.#stored.read(block * this.#rowsPerBlock, bytes);
    const staged: Staged = { block, bytes, ready, isReady: false };
    ready.then(
      () => {
        staged.isReady = true;
      },
      // A failure is reported when the block is taken.
      () => undefined,
    );
    this.#staged.push(staged);
  }

  #rowsIn(block: number): number {
    return Math.min(this.#rowsPerBlock, this.#stored.rows - block * this.#rowsPerBlock);
  }
}
