/**
 * Makes the input of the study: Fashion-MNIST's pictures as rows of pixels.
 *
 *     npx tsx studies/archetypal/make-pixels.ts train-images-idx3-ubyte.gz pixels.npy
 *
 * The first 12,000 pictures, each number the mean of 2 × 2 pixels: float32 [12000, 196], from 0 to
 * 1. The pictures are Zalando's (MIT): https://github.com/zalandoresearch/fashion-mnist
 */

import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";

const [ROWS, SIDE, HALF, HEADER] = [12_000, 28, 14, 16];

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined)
  throw new Error("Usage: make-pixels.ts <train-images-idx3-ubyte.gz> <pixels.npy>");
const pixels = gunzipSync(await readFile(from)).subarray(HEADER);
const rows = new Float32Array(ROWS * HALF * HALF);
for (let i = 0; i < ROWS; i++)
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const cell = i * HALF * HALF + (y >> 1) * HALF + (x >> 1);
      rows[cell]! += pixels[(i * SIDE + y) * SIDE + x]! / (4 * 255);
    }
await writeNpy(to, float32Tensor([ROWS, HALF * HALF], rows));
