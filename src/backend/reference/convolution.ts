/** @file Reference convolution: the terms of the trilinear form, one by one, summed in float64. */

import type { BiasedConvolution, Convolution, ConvolutionShape } from "../backend.ts";

/** Calls `term` with the indices into x, W and y of every term of T. */
function forEachTerm(s: ConvolutionShape, term: (x: number, w: number, y: number) => void): void {
  for (let n = 0; n < s.images; n++)
    for (let p = 0; p < s.outHeight; p++)
      for (let q = 0; q < s.outWidth; q++)
        for (let a = 0; a < s.kernelHeight; a++)
          for (let b = 0; b < s.kernelWidth; b++) {
            const h = s.stride * p + a - s.padding;
            const w = s.stride * q + b - s.padding;
            if (h < 0 || w < 0 || h >= s.height || w >= s.width) continue;
            const pixel = ((n * s.height + h) * s.width + w) * s.channels;
            const position = ((n * s.outHeight + p) * s.outWidth + q) * s.filters;
            const weight = (a * s.kernelWidth + b) * s.channels;
            for (let i = 0; i < s.channels; i++)
              for (let o = 0; o < s.filters; o++)
                term(pixel + i, (weight + i) * s.filters + o, position + o);
          }
}

/** Sums for `out`, which start at the bias; and where they are put in the end. */
function sumsFor(out: Float32Array, length: number, accumulate?: boolean, bias?: Float32Array) {
  const sums = new Float64Array(length);
  for (let i = 0; bias && i < length; i++) sums[i] = bias[i % bias.length]!;
  const finish = () => {
    for (let i = 0; i < length; i++) out[i] = sums[i]! + (accumulate ? out[i]! : 0);
  };
  return { sums, finish };
}

export function convolve(args: BiasedConvolution): void {
  const { x, weights, y, bias, accumulate, filters } = args;
  const length = args.images * args.outHeight * args.outWidth * filters;
  const { sums, finish } = sumsFor(y, length, accumulate, bias?.subarray(0, filters));
  forEachTerm(args, (i, j, k) => {
    sums[k]! += x[i]! * weights[j]!;
  });
  finish();
}

export function convolveBack(args: BiasedConvolution): void {
  const { x, weights, y, bias, accumulate, channels } = args;
  const length = args.images * args.height * args.width * channels;
  const { sums, finish } = sumsFor(x, length, accumulate, bias?.subarray(0, channels));
  forEachTerm(args, (i, j, k) => {
    sums[i]! += weights[j]! * y[k]!;
  });
  finish();
}

export function convolveWeights(args: Convolution): void {
  const { x, weights, y, accumulate } = args;
  const length = args.kernelHeight * args.kernelWidth * args.channels * args.filters;
  const { sums, finish } = sumsFor(weights, length, accumulate);
  forEachTerm(args, (i, j, k) => {
    sums[j]! += x[i]! * y[k]!;
  });
  finish();
}
