/**
 * @file The SAEs of the published organism, which the fused step cannot compute: their decoder is
 *   free, also in its length.
 *
 *   z = ReLU((x − b_dec) W_enc + b_enc), TopK keeps the k largest of a row,  x̂ = z W_dec + b_dec
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z|
 *
 * Both start tied and without biases. Atoms have length 1 with TopK, and 0.1 with ReLU. Song et al.
 * 2025 (arXiv:2505.20254), sae-feature-consistency 32da471: synthetic/models.py for the start, the
 * two notebooks for the loss, which has the L1 term with TopK as well. Initial TopK atoms are
 * normal before normalisation here, and uniform there.
 */

import type { Backend } from "../../src/backend/backend.ts";
import { normalAt, randomStream } from "../../src/base/philox.ts";
import { ConcordError } from "../../src/errors.ts";
import type { Sae } from "../../src/sae/sae.ts";
import type {
  Atoms,
  Batch,
  Draw,
  Forward,
  StepOptions,
  StepResult,
  Trainable,
  TrainableContext,
} from "../../src/sae/trainable.ts";

/** What decides an SAE beside its seed. */
export interface PublishedOptions {
  readonly dSae: number;
  /** Active latents of a row; undefined: ReLU alone decides. */
  readonly k: number | undefined;
  /** Coefficient of the L1 term. */
  readonly l1: number;
}

interface PublishedForward extends Forward {
  readonly x: Float32Array;
}

/** A parameter with its gradient and Adam's moments. */
class Weights {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly #m: Float64Array;
  readonly #v: Float64Array;

  constructor(backend: Backend, length: number) {
    this.value = backend.float32(length);
    this.gradient = backend.float32(length);
    this.#m = new Float64Array(length);
    this.#v = new Float64Array(length);
  }

  /** Adam with PyTorch's defaults. */
  step(lr: number, steps: number): void {
    const [first, second] = [1 - 0.9 ** steps, 1 - 0.999 ** steps];
    for (let i = 0; i < this.value.length; i++) {
      const g = this.gradient[i]!;
      this.#m[i] = 0.9 * this.#m[i]! + 0.1 * g;
      this.#v[i] = 0.999 * this.#v[i]! + 0.001 * g * g;
      this.value[i]! -= (lr * this.#m[i]!) / first / (Math.sqrt(this.#v[i]! / second) + 1e-8);
    }
  }
}

/** One SAE of the published organism. Its codes are dense matrices, because it is small. */
export class PublishedSae implements Trainable {
  readonly dIn: number;
  readonly dSae: number;
  readonly activePerRow: number | undefined;
  readonly encoder: Weights;
  readonly decoder: Weights;
  readonly encoderBias: Weights;
  readonly decoderBias: Weights;
  readonly #backend: Backend;
  readonly #l1: number;
  readonly #batch: number;
  readonly #unit: Float32Array;
  /** x − b_dec and x̂ − x, [batch, d_in]. */
  readonly #centred: Float32Array;
  readonly #residual: Float32Array;
  /** The code, and the gradient of L with respect to it, [batch, d_sae]. */
  readonly #code: Float32Array;
  readonly #codeGradient: Float32Array;
  #steps = 0;

  constructor({ backend, dIn, batch }: TrainableContext, { dSae, k, l1 }: PublishedOptions) {
    this.dIn = dIn;
    this.dSae = dSae;
    this.activePerRow = k;
    this.#backend = backend;
    this.#l1 = l1;
    this.#batch = batch;
    const weights = (length: number) => new Weights(backend, length);
    this.encoder = weights(dSae * dIn);
    this.decoder = weights(dSae * dIn);
    this.encoderBias = weights(dSae);
    this.decoderBias = weights(dIn);
    this.#unit = backend.float32(dSae * dIn);
    this.#centred = backend.float32(batch * dIn);
    this.#residual = backend.float32(batch * dIn);
    this.#code = backend.float32(batch * dSae);
    this.#codeGradient = backend.float32(batch * dSae);
  }

  async initialise({ seed, restart }: Draw): Promise<void> {
    const { dIn, encoder, decoder } = this;
    const stream = randomStream(seed, `organism/${restart}`);
    const length = this.activePerRow === undefined ? 0.1 : 1;
    for (let i = 0; i < decoder.value.length; i++) decoder.value[i] = normalAt(stream, i);
    for (let at = 0; at < decoder.value.length; at += dIn) {
      const atom = decoder.value.subarray(at, at + dIn);
      const scale = length / Math.hypot(...atom);
      for (let j = 0; j < dIn; j++) atom[j]! *= scale;
    }
    encoder.value.set(decoder.value);
  }

  async startFrom(): Promise<void> {
    throw new ConcordError("argument/invalid", "SAEs of the published organism start at random.");
  }

  async fitTo(): Promise<void> {}

  async forward({ x }: Batch): Promise<PublishedForward> {
    const { dIn, dSae } = this;
    const backend = this.#backend;
    const [batch, code, residual] = [this.#batch, this.#code, this.#residual];
    const offset = this.decoderBias.value;
    await backend.center({ x, offset, batch, dIn, out: this.#centred });
    const a = this.#centred;
    const shape = { m: batch, n: dSae, k: dIn, transposeB: true };
    await backend.gemm({ a, b: this.encoder.value, c: code, ...shape });
    const activeRows = new Int32Array(dSae);
    for (let at = 0; at < code.length; at += dSae) this.#select(code, at, activeRows);
    await backend.gemm({ a: code, b: this.decoder.value, c: residual, m: batch, n: dIn, k: dSae });
    for (let i = 0; i < residual.length; i++) residual[i]! -= a[i]!;
    return { x, activeRows };
  }

  /** Turns the scores of a row, from `at` on, into its code. */
  #select(code: Float32Array, at: number, activeRows: Int32Array): void {
    const { dSae, activePerRow: k } = this;
    const bias = this.encoderBias.value;
    for (let f = 0; f < dSae; f++) code[at + f] = Math.max(0, code[at + f]! + bias[f]!);
    let least = 0;
    if (k !== undefined) {
      const largest = new Float64Array(k);
      for (let f = 0; f < dSae; f++) {
        let score = code[at + f]!;
        for (let i = 0; i < k && score > 0; i++) {
          const other = largest[i]!;
          if (score <= other) continue;
          largest[i] = score;
          score = other;
        }
      }
      least = largest[k - 1]!;
    }
    for (let f = 0; f < dSae; f++) {
      if (code[at + f]! < least) code[at + f] = 0;
      if (code[at + f]! > 0) activeRows[f]!++;
    }
  }

  async backward(_: PublishedForward, { lr }: StepOptions): Promise<StepResult> {
    const { squares, active, l1, loss } = await this.gradients();
    if (!Number.isFinite(loss))
      throw new ConcordError("numeric/not-finite", `the loss is ${loss}.`);
    this.#steps++;
    for (const weights of [this.encoder, this.decoder, this.encoderBias, this.decoderBias])
      weights.step(lr, this.#steps);
    return {
      loss,
      squaredError: squares / this.#batch,
      l0: active / this.#batch,
      l1: l1 / this.#batch,
      auxLoss: undefined,
      gradientNorm: undefined,
      redoneRows: 0,
    };
  }

  /** Leaves the gradients of L at the batch that went forward last, and says what L is made of. */
  async gradients() {
    const { dIn, dSae, encoder, decoder, encoderBias, decoderBias } = this;
    const backend = this.#backend;
    const [batch, code, ofCode, residual] = [
      this.#batch,
      this.#code,
      this.#codeGradient,
      this.#residual,
    ];
    const scale = 2 / (batch * dIn);
    let squares = 0;
    decoderBias.gradient.fill(0);
    encoderBias.gradient.fill(0);
    for (let i = 0; i < residual.length; i++) {
      squares += residual[i]! * residual[i]!;
      residual[i]! *= scale;
      decoderBias.gradient[i % dIn]! += residual[i]!;
    }
    const transposed = { m: dSae, n: dIn, k: batch, transposeA: true };
    await backend.gemm({ a: code, b: residual, c: decoder.gradient, ...transposed });
    const back = { m: batch, n: dSae, k: dIn, transposeB: true };
    await backend.gemm({ a: residual, b: decoder.value, c: ofCode, ...back });
    let [active, l1] = [0, 0];
    for (let i = 0; i < code.length; i++) {
      if (code[i]! > 0) {
        active++;
        l1 += code[i]!;
        ofCode[i]! += this.#l1 / batch;
        encoderBias.gradient[i % dSae]! += ofCode[i]!;
      } else ofCode[i] = 0;
    }
    await backend.gemm({ a: ofCode, b: this.#centred, c: encoder.gradient, ...transposed });
    // b_dec is taken off the input as well: through the encoder it acts on every active score.
    for (let f = 0; f < dSae; f++)
      for (let j = 0; j < dIn; j++)
        decoderBias.gradient[j]! -= encoderBias.gradient[f]! * encoder.value[f * dIn + j]!;
    return { squares, active, l1, loss: squares / batch / dIn + (this.#l1 * l1) / batch };
  }

  dictionary(): Atoms {
    const { dIn, dSae, decoder } = this;
    for (let at = 0; at < decoder.value.length; at += dIn) {
      const atom = decoder.value.subarray(at, at + dIn);
      const length = Math.hypot(...atom);
      for (let j = 0; j < dIn; j++) this.#unit[at + j] = atom[j]! / length;
    }
    return { unit: this.#unit, count: dSae, d: dIn, parameter: decoder.value };
  }

  inference(): Sae {
    const { dIn, dSae, activePerRow: k } = this;
    return {
      architecture: k === undefined ? "standard" : "topk",
      selection: k === undefined ? { kind: "relu" } : { kind: "topk", k, relu: true },
      dIn,
      dSae,
      encoder: this.encoder.value,
      decoder: this.decoder.value,
      encoderBias: this.encoderBias.value,
      decoderBias: this.decoderBias.value,
    };
  }

  deadLatents(): number {
    return 0;
  }

  save(): never {
    throw new ConcordError("argument/invalid", "SAEs of the published organism are not saved.");
  }

  load(): never {
    return this.save();
  }

  bytes() {
    return { held: [], most: [], starting: 0, inference: { k: this.activePerRow ?? 0, bytes: 0 } };
  }
}
