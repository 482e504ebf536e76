/** @file Pooling and upsampling of images with channels last. */

import { showShape } from "../../base/tensor.ts";
import { expected, ShapeError } from "../../errors.ts";
import { requireAxes } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/** Sizes of images [images, height, width, channels] that are cut into squares of `size`. */
function squares(where: string, x: TapeTensor, size: number) {
  requireAxes(where, "images", x, 4);
  if (!Number.isInteger(size) || size < 1) throw expected("size", "an integer of at least 1", size);
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  return { images, height, width, channels };
}

/** The squares of pooling, which do not overlap; rows and columns left over are not used. */
function pooled(where: string, x: TapeTensor, size: number) {
  const { images, height, width, channels } = squares(where, x, size);
  const [outHeight, outWidth] = [Math.floor(height / size), Math.floor(width / size)];
  if (outHeight < 1 || outWidth < 1)
    throw new ShapeError(where, `images of at least ${size} × ${size}`, showShape(x.shape));
  /** First element of the square that element `at` of the output is made from. */
  const first = (at: number): number => {
    const channel = at % channels;
    const position = (at - channel) / channels;
    const q = position % outWidth;
    const p = ((position - q) / outWidth) % outHeight;
    const n = (position - q - p * outWidth) / (outWidth * outHeight);
    return ((n * height + p * size) * width + q * size) * channels + channel;
  };
  return { shape: [images, outHeight, outWidth, channels], first, width, channels };
}

/**
 * The largest number of each square of size × size, per channel: PyTorch's max_pool2d with stride
 * `size`. The gradient flows to the first of equal numbers.
 *
 * @param x [images, height, width, channels]
 * @throws {ShapeError} when an image is smaller than a square.
 */
export function maxPool2d(x: TapeTensor, size: number): TapeTensor {
  const { shape, first, width, channels } = pooled("maxPool2d", x, size);
  return x.tape.record(shape, [x], (out) => {
    const from = x.tape.int32(out.length);
    return {
      forward() {
        for (let at = 0; at < out.value.length; at++) {
          const start = first(at);
          let most = start;
          for (let a = 0; a < size; a++)
            for (let b = 0; b < size; b++) {
              const i = start + (a * width + b) * channels;
              if (x.value[i]! > x.value[most]! || Number.isNaN(x.value[i])) most = i;
            }
          from[at] = most;
          out.value[at] = x.value[most]!;
        }
      },
      backward() {
        const to = x.gradient!.added();
        const g = out.gradient!.sum;
        for (let at = 0; at < g.length; at++) to[from[at]!]! += g[at]!;
      },
    };
  });
}

/**
 * The mean of each square of size × size, per channel: PyTorch's avg_pool2d with stride `size`.
 *
 * @param x [images, height, width, channels]
 * @throws {ShapeError} when an image is smaller than a square.
 */
export function averagePool2d(x: TapeTensor, size: number): TapeTensor {
  const { shape, first, width, channels } = pooled("averagePool2d", x, size);
  const share = 1 / (size * size);
  return x.tape.record(shape, [x], (out) => ({
    forward() {
      for (let at = 0; at < out.value.length; at++) {
        const start = first(at);
        let sum = 0;
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) sum += x.value[start + (a * width + b) * channels]!;
        out.value[at] = share * sum;
      }
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      for (let at = 0; at < g.length; at++) {
        const start = first(at);
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) to[start + (a * width + b) * channels]! += share * g[at]!;
      }
    },
  }));
}

/**
 * Every pixel as a square of size × size equal ones: PyTorch's nearest-neighbour interpolation.
 *
 * @param x [images, height, width, channels]
 * @returns [images, size · height, size · width, channels]
 * @throws {ShapeError} when x does not hold images.
 */
export function upsample2d(x: TapeTensor, size: number): TapeTensor {
  const { images, height, width, channels } = squares("upsample2d", x, size);
  const shape = [images, size * height, size * width, channels];
  return x.tape.record(shape, [x], (out) => {
    /** Calls `each` with every element of the value and the one that it is made from. */
    const walk = (each: (to: number, from: number) => void) => {
      for (let row = 0, to = 0; row < images * size * height; row++)
        for (let q = 0; q < size * width; q++) {
          const from = (Math.floor(row / size) * width + Math.floor(q / size)) * channels;
          for (let i = 0; i < channels; i++, to++) each(to, from + i);
        }
    };
    const forwards = (to: number, from: number) => {
      out.value[to] = x.value[from]!;
    };
    const backwards = (to: number, from: number) => {
      x.gradient!.sum[from]! += out.gradient!.sum[to]!;
    };
    return {
      forward: () => walk(forwards),
      backward() {
        x.gradient!.added();
        walk(backwards);
      },
    };
  });
}
