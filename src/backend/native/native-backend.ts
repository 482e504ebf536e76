/** @file The native backend: the C++ core behind the Backend interface, run off the event loop. */

import { ConcordError, type ErrorCode } from "../../errors.ts";
import { allocated } from "../allocate.ts";
import type { Backend } from "../backend.ts";
import { type Addon, buildCommand } from "./load-addon.ts";

const ALIGNMENT = 64;

/** Rethrows what the addon threw as a ConcordError with the caller's stack, keeping its code. */
function translate(error: unknown): never {
  if (error instanceof Error && "code" in error)
    throw new ConcordError(error.code as ErrorCode, error.message, { cause: error });
  throw error;
}

/**
 * Wraps one kernel of the addon.
 *
 * @throws {ConcordError} "backend/unavailable" when the addon that was built lacks it.
 */
function kernel<Args, Result>(
  run: ((args: Args) => Promise<Result>) | undefined,
): (args: Args) => Promise<Result> {
  if (!run)
    throw new ConcordError("backend/unavailable", "The native core was built from older sources.", {
      hint: `Build it again: ${buildCommand()}`,
    });
  return async (args) => {
    try {
      return await run(args);
    } catch (error) {
      translate(error);
    }
  };
}

/** Wraps a synchronous function of the addon. */
function translated<Args, Result>(run: (args: Args) => Result): (args: Args) => Result {
  return (args) => {
    try {
      return run(args);
    } catch (error) {
      translate(error);
    }
  };
}

/** From this size on, memory gets large pages of 2 MiB. */
const LARGE_BYTES = 2 ** 23;

/**
 * Zeroed memory whose first byte lies on a cache line. It need not be shared, because kernels on
 * other threads read it in place. The garbage collector does not count shared memory, so gigabytes
 * of it could stay allocated unused.
 */
function aligned(addon: Addon, bytes: number): { buffer: ArrayBuffer; offset: number } {
  const { buffer, whole } = allocated(bytes, () => {
    const buffer = new ArrayBuffer(bytes + ALIGNMENT);
    return { buffer, whole: new Uint8Array(buffer) };
  });
  if (bytes >= LARGE_BYTES) addon.preferLargePages(whole);
  return { buffer, offset: (ALIGNMENT - addon.addressOf(whole)) % ALIGNMENT };
}

/** Settings of the native core. */
export interface NativeOptions {
  /** Instruction set to force; empty for the best one. */
  readonly isa?: string | undefined;
  readonly threads: number;
}

/**
 * Opens the native core. A process has one thread pool: opening the core again with other options
 * changes them for all users.
 *
 * @throws {ConcordError} "backend/unavailable" when `isa` is not an instruction set of this
 *   machine, naming those that are, or when the addon was built from older sources.
 */
export function nativeBackend(addon: Addon, options: NativeOptions): Backend {
  let chosen: ReturnType<Addon["configure"]>;
  try {
    chosen = addon.configure({ isa: options.isa ?? "", threads: options.threads });
  } catch (error) {
    translate(error);
  }
  const allocate = (bytes: number) => aligned(addon, bytes);
  return {
    name: "native",
    isa: chosen.isa,
    threads: chosen.threads,
    float32(length) {
      const { buffer, offset } = allocate(length * 4);
      return new Float32Array(buffer, offset, length);
    },
    int32(length) {
      const { buffer, offset } = allocate(length * 4);
      return new Int32Array(buffer, offset, length);
    },
    bytes(length) {
      const { buffer, offset } = allocate(length);
      return new Uint8Array(buffer, offset, length);
    },
    encoderPacking: translated(addon.encoderPacking),
    packEncoder: kernel(addon.packEncoder),
    encodeTopK: kernel(addon.encodeTopK),
    encodePositive: kernel(addon.encodePositive),
    searchPacking: translated(addon.searchPacking),
    packColumns: kernel(addon.packColumns),
    searchTopK: kernel(addon.searchTopK),
    decode: kernel(addon.decode),
    transpose: kernel(addon.transpose),
    weightedRowSum: kernel(addon.weightedRowSum),
    update: kernel(addon.update),
    gradientNorm: kernel(addon.gradientNorm),
    updateVector: kernel(addon.updateVector),
    gemm: kernel(addon.gemm),
    center: kernel(addon.center),
    normalizeRows: kernel(addon.normalizeRows),
    biasRelu: kernel(addon.biasRelu),
    maskGradient: kernel(addon.maskGradient),
    gatherRows: kernel(addon.gatherRows),
    activate: kernel(addon.activate),
    activateGradient: kernel(addon.activateGradient),
    convolve: kernel(addon.convolve),
    convolveBack: kernel(addon.convolveBack),
    convolveWeights: kernel(addon.convolveWeights),
    linearPacking: translated(addon.linearPacking),
    packLinear: kernel(addon.packLinear),
    forward: kernel(addon.forward),
    bestMatches: kernel(addon.bestMatches),
    assign: kernel(addon.assign),
    pullRows: kernel(addon.pullRows),
    raiseReach: kernel(addon.raiseReach),
    pairedDots: kernel(addon.pairedDots),
    fillRandom: kernel(addon.fillRandom),
    shuffle: kernel(addon.shuffle),
    syntheticRows: kernel(addon.syntheticRows),
    drawSupports: kernel(addon.drawSupports),
    widenRows: kernel(addon.widenRows),
    placeRows: kernel(addon.placeRows),
    narrow: kernel(addon.narrow),
    checksum: kernel(addon.checksum),
  };
}
