/**
 * @file Convolution and transposed convolution of images with channels last. Both are derivatives
 *   of one trilinear form; see `backend/kernels/convolution.ts`.
 */

import type { ConvolutionShape } from "../../backend/backend.ts";
import { showShape } from "../../base/tensor.ts";
import { expected, ShapeError } from "../../errors.ts";
import { accumulating } from "../accumulating.ts";
import { requireAxes, requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";
import { columnSums } from "./matmul.ts";

/** Settings of a convolution. */
export interface ConvolutionOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros around the image on each side. Default 0. */
  readonly padding?: number;
}

/** Settings of a transposed convolution. */
export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Rows and columns that are added at the end of the image, below the stride. Default 0. */
  readonly outputPadding?: number;
}

function requireSettings(stride: number, padding: number, outputPadding = 0): void {
  if (!Number.isInteger(stride) || stride < 1)
    throw expected("stride", "an integer of at least 1", stride);
  if (!Number.isInteger(padding) || padding < 0)
    throw expected("padding", "an integer of at least 0", padding);
  if (!Number.isInteger(outputPadding) || outputPadding < 0 || outputPadding >= Math.max(1, stride))
    throw expected("outputPadding", "an integer from 0 and below the stride", outputPadding);
}

function requirePositive(where: string, height: number, width: number, x: TapeTensor): void {
  if (height < 1 || width < 1)
    throw new ShapeError(where, "images that the kernel fits into", showShape(x.shape));
}

/**
 * The convolution of images with a kernel, as PyTorch's conv2d but with channels last:
 *
 *   out[n, p, q, o] = b[o] + Σ x[n, s p + a − padding, s q + c − padding, i] W[a, c, i, o]
 *
 * @param x [images, height, width, channels]
 * @param W [kernelHeight, kernelWidth, channels, filters]
 * @param b [filters]
 * @returns [images, ⌊(height + 2 padding − kernelHeight) / stride⌋ + 1, …, filters]
 * @throws {ShapeError} when they do not fit.
 */
export function conv2d(
  x: TapeTensor,
  W: TapeTensor,
  b?: TapeTensor,
  { stride = 1, padding = 0 }: ConvolutionOptions = {},
): TapeTensor {
  requireAxes("conv2d", "images", x, 4);
  requireAxes("conv2d", "weights", W, 4);
  requireSettings(stride, padding);
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, , filters] = W.shape as [number, number, number, number];
  requireShape("conv2d", "weights", W, [kernelHeight, kernelWidth, channels, filters]);
  if (b) requireShape("conv2d", "a bias", b, [filters]);
  const outHeight = Math.floor((height + 2 * padding - kernelHeight) / stride) + 1;
  const outWidth = Math.floor((width + 2 * padding - kernelWidth) / stride) + 1;
  requirePositive("conv2d", outHeight, outWidth, x);
  const shape: ConvolutionShape = {
    images,
    height,
    width,
    channels,
    outHeight,
    outWidth,
    filters,
    kernelHeight,
    kernelWidth,
    stride,
    padding,
  };
  const { backend } = x.tape;
  const size = [images, outHeight, outWidth, filters];
  return x.tape.record(size, b ? [x, W, b] : [x, W], (out) => {
    const args = { ...shape, x: x.value, weights: W.value, bias: b?.value, y: out.value };
    const y = out.gradient?.sum;
    const towardsX =
      y && x.gradient && accumulating({ ...shape, x: x.gradient.sum, weights: W.value, y });
    const towardsW =
      y && W.gradient && accumulating({ ...shape, x: x.value, weights: W.gradient.sum, y });
    const sums = y && b?.gradient && columnSums(b, y, out.rows, filters);
    return {
      forward: () => backend.convolve(args),
      async backward() {
        if (towardsX) await backend.convolveBack(towardsX(x.gradient!.claim()));
        if (towardsW) await backend.convolveWeights(towardsW(W.gradient!.claim()));
        if (sums) await sums();
      },
    };
  });
}

/**
 * The transposed convolution, as PyTorch's conv_transpose2d but with channels last: it is to conv2d
 * what a matrix's transpose is to the matrix.
 *
 * @param x [images, height, width, channels]
 * @param W [kernelHeight, kernelWidth, filters, channels]; the last axis is that of x.
 * @param b [filters]
 * @returns [images, (height − 1) stride − 2 padding + kernelHeight + outputPadding, …, filters]
 * @throws {ShapeError} when they do not fit.
 */
export function convTranspose2d(
  x: TapeTensor,
  W: TapeTensor,
  b?: TapeTensor,
  { stride = 1, padding = 0, outputPadding = 0 }: TransposedConvolutionOptions = {},
): TapeTensor {
  requireAxes("convTranspose2d", "images", x, 4);
  requireAxes("convTranspose2d", "weights", W, 4);
  requireSettings(stride, padding, outputPadding);
  const [images, outHeight, outWidth, filters] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, channels] = W.shape as [number, number, number, number];
  requireShape("convTranspose2d", "weights", W, [kernelHeight, kernelWidth, channels, filters]);
  if (b) requireShape("convTranspose2d", "a bias", b, [channels]);
  const height = (outHeight - 1) * stride - 2 * padding + kernelHeight + outputPadding;
  const width = (outWidth - 1) * stride - 2 * padding + kernelWidth + outputPadding;
  requirePositive("convTranspose2d", height, width, x);
  // What is x here is y of the form.
  const shape: ConvolutionShape = {
    images,
    height,
    width,
    channels,
    outHeight,
    outWidth,
    filters,
    kernelHeight,
    kernelWidth,
    stride,
    padding,
  };
  const { backend } = x.tape;
  const size = [images, height, width, channels];
  return x.tape.record(size, b ? [x, W, b] : [x, W], (out) => {
    const args = { ...shape, x: out.value, weights: W.value, bias: b?.value, y: x.value };
    const own = out.gradient?.sum;
    const towardsX =
      own && x.gradient && accumulating({ ...shape, x: own, weights: W.value, y: x.gradient.sum });
    const towardsW =
      own && W.gradient && accumulating({ ...shape, x: own, weights: W.gradient.sum, y: x.value });
    const sums = own && b?.gradient && columnSums(b, own, out.rows, channels);
    return {
      forward: () => backend.convolveBack(args),
      async backward() {
        if (towardsX) await backend.convolve(towardsX(x.gradient!.claim()));
        if (towardsW) await backend.convolveWeights(towardsW(W.gradient!.claim()));
        if (sums) await sums();
      },
    };
  });
}
