/**
 * @file The order in which a store larger than memory is served, as a pure function of seed, pass
 *   and position.
 *
 * The rows lie in blocks. Every pass draws a permutation of the blocks and cuts it into
 * *generations* of as many blocks as the buffer holds. The rows of a generation are permuted
 * uniformly and served to the last one. So any two rows whose blocks meet in a generation can stand
 * next to each other, and every row is served exactly once per pass. Position → row needs no
 * history: to continue anywhere, one generation is loaded. (A buffer that is topped up after every
 * draw, as in tf.data or SAELens's mixing buffer, depends on every draw since the start of the
 * pass.) Generations are of equal size to within a block, so that none is left with a few badly
 * mixed rows. `mixing.ts` says how good the mixture is.
 */

import { permutation, type RandomStream, randomStream } from "../../base/philox.ts";
import { shuffleInPlace } from "../../base/shuffle-in-place.ts";

/** A group of blocks that is in memory at the same time. */
export interface Generation {
  readonly pass: number;
  readonly index: number;
  /** Block numbers in the order in which they are loaded. */
  readonly blocks: Int32Array;
  /** Position in the pass of its first row. */
  readonly start: number;
  readonly rows: number;
}

export interface ShufflePlan {
  readonly rows: number;
  readonly rowsPerBlock: number;
  readonly blocks: number;
  /** Generations in a pass. */
  readonly generations: number;
  /** Rows that the largest generation can have. */
  readonly capacity: number;
  /** Everything that decides the order, as text. A position is valid only in its own layout. */
  readonly layout: string;
  /** Rows of a block: `rowsPerBlock`, or fewer in the last. */
  rowsIn(block: number): number;
  generation(pass: number, index: number): Generation;
  /** The generation that holds position `row` of a pass. */
  at(pass: number, row: number): Generation;
  /**
   * The random stream that shuffles a generation's rows from the order of loading to that of
   * serving.
   */
  drawsOf(generation: Generation): RandomStream;
}

/**
 * Plans the order of `rows` rows in blocks of `rowsPerBlock`.
 *
 * @param blocksInMemory The most blocks of a generation, at least 1.
 * @param seed A non-negative safe integer.
 */
export function shufflePlan(
  rows: number,
  rowsPerBlock: number,
  blocksInMemory: number,
  seed: number,
): ShufflePlan {
  const blocks = Math.ceil(rows / rowsPerBlock);
  const generations = Math.ceil(blocks / blocksInMemory);
  const missing = blocks * rowsPerBlock - rows;
  const firstBlock = (index: number): number => Math.floor((index * blocks) / generations);

  // A stream uses two passes at a time: the one it serves and the one it loads.
  const orders = new Map<number, { readonly blocks: Int32Array; readonly shortAt: number }>();
  const orderOf = (pass: number) => {
    let order = orders.get(pass);
    if (order === undefined) {
      const permuted = permutation(randomStream(seed, `shuffle/pass/${pass}/blocks`), blocks);
      order = { blocks: permuted, shortAt: permuted.indexOf(blocks - 1) };
      if (orders.size >= 2) orders.clear();
      orders.set(pass, order);
    }
    return order;
  };

  const startOf = (pass: number, index: number): number => {
    const first = firstBlock(index);
    return first * rowsPerBlock - (orderOf(pass).shortAt < first ? missing : 0);
  };

  const generation = (pass: number, index: number): Generation => {
    const start = startOf(pass, index);
    return {
      pass,
      index,
      blocks: orderOf(pass).blocks.subarray(firstBlock(index), firstBlock(index + 1)),
      start,
      rows: startOf(pass, index + 1) - start,
    };
  };

  return {
    rows,
    rowsPerBlock,
    blocks,
    generations,
    capacity: Math.ceil(blocks / generations) * rowsPerBlock,
    layout: `${rows} rows, blocks of ${rowsPerBlock}, ${generations} generations, seed ${seed}`,
    rowsIn: (block) => (block === blocks - 1 ? rowsPerBlock - missing : rowsPerBlock),
    generation,
    at(pass, row) {
      let index = 0;
      while (index + 1 < generations && startOf(pass, index + 1) <= row) index++;
      return generation(pass, index);
    },
    drawsOf: ({ pass, index }) => randomStream(seed, `shuffle/pass/${pass}/generation/${index}`),
  };
}

/** The rows of the store in the order in which a pass serves them: Int32Array [rows]. */
export function servedOrder(plan: ShufflePlan, pass: number): Int32Array {
  const served = new Int32Array(plan.rows);
  for (let index = 0; index < plan.generations; index++) {
    const generation = plan.generation(pass, index);
    const part = served.subarray(generation.start, generation.start + generation.rows);
    let at = 0;
    for (const block of generation.blocks)
      for (let r = 0; r < plan.rowsIn(block); r++) part[at++] = block * plan.rowsPerBlock + r;
    shuffleInPlace(part, part.length, plan.drawsOf(generation));
  }
  return served;
}
