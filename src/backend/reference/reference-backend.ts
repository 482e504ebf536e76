/** @file The reference backend: every kernel in plain TypeScript, run on the calling thread. */

import { allocated } from "../allocate.ts";
import type { Backend } from "../backend.ts";
import * as activation from "./activation.ts";
import * as convert from "./convert.ts";
import * as convolution from "./convolution.ts";
import * as dense from "./dense.ts";
import * as encode from "./encode.ts";
import * as forward from "./forward.ts";
import { fillRandom, shuffle } from "./random.ts";
import { searchTopK } from "./search.ts";
import * as similarity from "./similarity.ts";
import * as sparse from "./sparse.ts";
import * as synthetic from "./synthetic.ts";
import * as update from "./update.ts";

/** Makes a synchronous kernel asynchronous, errors included. */
function later<Args, Result>(kernel: (args: Args) => Result): (args: Args) => Promise<Result> {
  return async (args) => kernel(args);
}

/**
 * The backend that needs no compiler. It is exact, deterministic, and hundreds of times slower than
 * the native core.
 */
export function referenceBackend(): Backend {
  return {
    name: "reference",
    isa: "typescript",
    threads: 1,
    float32: (length) => allocated(4 * length, () => new Float32Array(length)),
    int32: (length) => allocated(4 * length, () => new Int32Array(length)),
    bytes: (length) => allocated(length, () => new Uint8Array(length)),
    encoderPacking: () => ({ bytes: 0, screen: "float32" as const }),
    packEncoder: async () => {},
    encodeTopK: later(encode.encodeTopK),
    encodePositive: later(encode.encodePositive),
    searchPacking: () => ({ bytes: 0, screen: "float32" as const }),
    packColumns: async () => {},
    searchTopK: later(searchTopK),
    decode: later(sparse.decode),
    transpose: later(sparse.transpose),
    weightedRowSum: later(sparse.weightedRowSum),
    update: later(update.update),
    gradientNorm: later(update.gradientNorm),
    updateVector: later(update.updateVector),
    gemm: later(dense.gemm),
    center: later(dense.center),
    normalizeRows: later(dense.normalizeRows),
    biasRelu: later(dense.biasRelu),
    maskGradient: later(dense.maskGradient),
    gatherRows: later(dense.gatherRows),
    activate: later(activation.activate),
    activateGradient: later(activation.activateGradient),
    convolve: later(convolution.convolve),
    convolveBack: later(convolution.convolveBack),
    convolveWeights: later(convolution.convolveWeights),
    linearPacking: forward.linearPacking,
    packLinear: later(forward.packLinear),
    forward: later(forward.forward),
    bestMatches: later(similarity.bestMatches),
    assign: later(similarity.assign),
    pullRows: later(similarity.pullRows),
    raiseReach: later(similarity.raiseReach),
    pairedDots: later(similarity.pairedDots),
    fillRandom: later(fillRandom),
    shuffle: later(shuffle),
    syntheticRows: later(synthetic.syntheticRows),
    drawSupports: later(synthetic.drawSupports),
    widenRows: later(convert.widenRows),
    placeRows: later(convert.placeRows),
    narrow: later(convert.narrow),
    checksum: later(convert.checksum),
  };
}
