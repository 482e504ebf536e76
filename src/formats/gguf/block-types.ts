/**
 * @file The element types of GGUF tensors that are read: plain floats, and blocks of small integers
 *   with scales. A block is read into float32, with the roundings of the `gguf` Python package.
 *
 * Scales d and m are float16. In the K types a block of 256 has sub-blocks with their own scales.
 */

import { fromBfloat16, fromFloat16 } from "../../base/float16.ts";

/** A type of elements. */
export interface GgufBlockType {
  readonly name: string;
  /** As the file numbers it. */
  readonly number: number;
  /** Elements and bytes of a block. */
  readonly elements: number;
  readonly bytes: number;
  /** Writes the `elements` numbers of the block at byte `at` to out[to …]. */
  read(block: DataView, at: number, out: Float32Array, to: number): void;
}

const half = (block: DataView, at: number) => fromFloat16(block.getUint16(at, true));

const F32: GgufBlockType = {
  name: "F32",
  number: 0,
  elements: 1,
  bytes: 4,
  read(block, at, out, to) {
    out[to] = block.getFloat32(at, true);
  },
};

const F16: GgufBlockType = {
  name: "F16",
  number: 1,
  elements: 1,
  bytes: 2,
  read(block, at, out, to) {
    out[to] = half(block, at);
  },
};

const BF16: GgufBlockType = {
  name: "BF16",
  number: 30,
  elements: 1,
  bytes: 2,
  read(block, at, out, to) {
    out[to] = fromBfloat16(block.getUint16(at, true));
  },
};

/**
 * Blocks of 32 small integers q: the low halves of 16 bytes, then the high halves, and in the
 * 5-bit types a fifth bit each in a uint32. Value: d (q − 2^(bits−1)), or d q + m.
 */
function small(name: string, number: number, bits: 4 | 5, hasMinimum: boolean): GgufBlockType {
  const scales = hasMinimum ? 4 : 2;
  const quants = scales + (bits === 5 ? 4 : 0);
  const zero = hasMinimum ? 0 : 2 ** (bits - 1);
  return {
    name,
    number,
    elements: 32,
    bytes: quants + 16,
    read(block, at, out, to) {
      const d = half(block, at);
      const m = hasMinimum ? half(block, at + 2) : 0;
      const fifth = bits === 5 ? block.getUint32(at + scales, true) : 0;
      for (let i = 0; i < 16; i++) {
        const byte = block.getUint8(at + quants + i);
        const low = (byte & 15) | (((fifth >>> i) & 1) << 4);
        const high = (byte >> 4) | (((fifth >>> (i + 16)) & 1) << 4);
        // A product of minus zero stays one where there is nothing to add.
        out[to + i] = hasMinimum ? Math.fround(d * low) + m : d * (low - zero);
        out[to + i + 16] = hasMinimum ? Math.fround(d * high) + m : d * (high - zero);
      }
    },
  };
}

const Q8_0: GgufBlockType = {
  name: "Q8_0",
  number: 8,
  elements: 32,
  bytes: 34,
  read(block, at, out, to) {
    const d = half(block, at);
    for (let i = 0; i < 32; i++) out[to + i] = d * block.getInt8(at + 2 + i);
  },
};

/** Scale and minimum of sub-block j, six bits each, from the 12 bytes at `at`. */
function sixBits(block: DataView, at: number, j: number): readonly [scale: number, min: number] {
  const byte = (i: number) => block.getUint8(at + i);
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  return [
    (byte(j + 4) & 15) | ((byte(j - 4) >> 6) << 4),
    (byte(j + 4) >> 4) | ((byte(j) >> 6) << 4),
  ];
}

/**
 * Blocks of 256 in eight sub-blocks: (d scale) q − (dmin min). Bytes hold two sub-blocks, low and
 * high halves; in Q5_K bit j of 32 further bytes is the fifth bit of sub-block j.
 */
function wide(name: string, number: number, bits: 4 | 5): GgufBlockType {
  const quants = 16 + (bits === 5 ? 32 : 0);
  return {
    name,
    number,
    elements: 256,
    bytes: quants + 128,
    read(block, at, out, to) {
      const [d, least] = [half(block, at), half(block, at + 2)];
      for (let j = 0; j < 8; j++) {
        const [scale, min] = sixBits(block, at + 4, j);
        const [times, minus] = [Math.fround(d * scale), Math.fround(least * min)];
        for (let i = 0; i < 32; i++) {
          const byte = block.getUint8(at + quants + 32 * (j >> 1) + i);
          const four = j % 2 === 0 ? byte & 15 : byte >> 4;
          const fifth = bits === 5 ? (block.getUint8(at + 16 + i) >> j) & 1 : 0;
          out[to + 32 * j + i] = Math.fround(times * (four | (fifth << 4))) - minus;
        }
      }
    },
  };
}

/**
 * Blocks of 256 in sixteen sub-blocks: (d scale) (q − 32). Of a half of 128, quarter j has its low
 * four bits in 64 bytes and its high two bits at bits 2j of 32 bytes.
 */
const Q6_K: GgufBlockType = {
  name: "Q6_K",
  number: 14,
  elements: 256,
  bytes: 210,
  read(block, at, out, to) {
    const d = half(block, at + 208);
    for (let i = 0; i < 256; i++) {
      const [part, inside] = [i >> 7, i & 127];
      const [quarter, place] = [inside >> 5, inside & 31];
      const byte = block.getUint8(at + 64 * part + 32 * (quarter & 1) + place);
      const low = quarter < 2 ? byte & 15 : byte >> 4;
      const high = (block.getUint8(at + 128 + 32 * part + place) >> (2 * quarter)) & 3;
      const scale = block.getInt8(at + 192 + (i >> 4));
      out[to + i] = Math.fround(d * scale) * ((low | (high << 4)) - 32);
    }
  },
};

/** Every type that is read. */
export const GGUF_BLOCK_TYPES: readonly GgufBlockType[] = [
  F32,
  F16,
  BF16,
  small("Q4_0", 2, 4, false),
  small("Q4_1", 3, 4, true),
  small("Q5_0", 6, 5, false),
  small("Q5_1", 7, 5, true),
  Q8_0,
  wide("Q4_K", 12, 4),
  wide("Q5_K", 13, 5),
  Q6_K,
];

const BY_NUMBER = new Map(GGUF_BLOCK_TYPES.map((type) => [type.number, type]));

/** The type with this number; undefined for one that is not read. */
export function blockTypeOf(number: number): GgufBlockType | undefined {
  return BY_NUMBER.get(number);
}

/** The numbers of whole blocks, float32. */
export function dequantised(type: GgufBlockType, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = Math.floor(bytes.byteLength / type.bytes);
  const out = new Float32Array(blocks * type.elements);
  for (let b = 0; b < blocks; b++) type.read(view, b * type.bytes, out, b * type.elements);
  return out;
}
