/**
 * @file The smallest `Trainable`: one matrix encodes and decodes, its gradient is written out, and
 *   plain gradient descent updates it. It shares no code with the fused step.
 *
 *   Ŵ = W / ‖W‖_row,  z = ReLU(x Ŵᵀ),  x̂ = z Ŵ,  L = mean_b ‖x̂ − target‖²
 */

import { copyArrays, type SavedState } from "../../src/base/checkpointable.ts";
import { normalAt, randomStream } from "../../src/base/philox.ts";
import type { Sae } from "../../src/sae/sae.ts";
import type {
  Atoms,
  Batch,
  Draw,
  Forward,
  StepOptions,
  StepResult,
  Trainable,
  TrainableBytes,
  TrainableContext,
} from "../../src/sae/trainable.ts";

interface ToyForward extends Forward {
  readonly x: Float32Array;
  readonly residual: Float64Array;
  readonly code: Float64Array;
}

export class ToyTrainable implements Trainable {
  readonly dIn: number;
  readonly dSae: number;
  readonly activePerRow = undefined;
  readonly weights: Float32Array;
  readonly #unit: Float32Array;
  readonly #batch: number;
  #steps = 0;

  constructor({ backend, dIn, batch }: TrainableContext, dSae: number) {
    this.dIn = dIn;
    this.dSae = dSae;
    this.#batch = batch;
    this.weights = backend.float32(dSae * dIn);
    this.#unit = backend.float32(dSae * dIn);
  }

  async initialise({ seed, restart }: Draw): Promise<void> {
    const stream = randomStream(seed, `toy/${restart}`);
    for (let i = 0; i < this.weights.length; i++) this.weights[i] = normalAt(stream, i);
    this.#normalise();
  }

  async startFrom(sae: Sae): Promise<void> {
    this.weights.set(sae.decoder);
    this.#normalise();
  }

  async fitTo(): Promise<void> {}

  async forward({ x, target = x }: Batch): Promise<ToyForward> {
    const { dIn, dSae } = this;
    const unit = this.#unit;
    const code = new Float64Array(this.#batch * dSae);
    const residual = Float64Array.from(target, (v) => -v);
    const activeRows = new Int32Array(dSae);
    for (let b = 0; b < this.#batch; b++)
      for (let f = 0; f < dSae; f++) {
        let score = 0;
        for (let j = 0; j < dIn; j++) score += x[b * dIn + j]! * unit[f * dIn + j]!;
        if (!(score > 0)) continue;
        code[b * dSae + f] = score;
        activeRows[f]!++;
        for (let j = 0; j < dIn; j++) residual[b * dIn + j]! += score * unit[f * dIn + j]!;
      }
    return { x, residual, code, activeRows };
  }

  async backward(f: ToyForward, { lr, pull, moved }: StepOptions): Promise<StepResult> {
    const gradient = this.gradient(f);
    const before = this.#unit.slice();
    for (let i = 0; i < gradient.length; i++)
      this.weights[i]! -= lr * (gradient[i]! + (pull?.[i] ?? 0));
    this.#normalise();
    this.#steps++;
    const { dIn } = this;
    for (let row = 0; moved && row < this.dSae; row++) {
      const own = this.#unit.subarray(row * dIn, (row + 1) * dIn);
      moved[row]! += Math.hypot(...own.map((v, j) => v - before[row * dIn + j]!));
    }
    const squares = f.residual.reduce((sum, r) => sum + r * r, 0);
    const active = f.code.reduce((sum, z) => sum + (z > 0 ? 1 : 0), 0);
    return {
      loss: squares / this.#batch,
      squaredError: squares / this.#batch,
      l0: active / this.#batch,
      l1: f.code.reduce((sum, z) => sum + z, 0) / this.#batch,
      auxLoss: undefined,
      gradientNorm: undefined,
      redoneRows: 0,
    };
  }

  /** ∂L/∂W [d_sae, d_in], through both uses of Ŵ and the normalisation. */
  gradient({ x, residual, code }: ToyForward): Float64Array {
    const { dIn, dSae } = this;
    const unit = this.#unit;
    const out = new Float64Array(dSae * dIn);
    for (let f = 0; f < dSae; f++) {
      const atom = unit.subarray(f * dIn, (f + 1) * dIn);
      const row = out.subarray(f * dIn, (f + 1) * dIn);
      for (let b = 0; b < this.#batch; b++) {
        const z = code[b * dSae + f]!;
        if (z === 0) continue;
        const left = residual.subarray(b * dIn, (b + 1) * dIn);
        const along = left.reduce((sum, r, j) => sum + r * atom[j]!, 0);
        for (let j = 0; j < dIn; j++)
          row[j]! += (2 / this.#batch) * (along * x[b * dIn + j]! + z * left[j]!);
      }
      const along = row.reduce((sum, g, j) => sum + g * atom[j]!, 0);
      const length = Math.hypot(...this.weights.subarray(f * dIn, (f + 1) * dIn));
      for (let j = 0; j < dIn; j++) row[j] = (row[j]! - along * atom[j]!) / length;
    }
    return out;
  }

  dictionary(): Atoms {
    return { unit: this.#unit, count: this.dSae, d: this.dIn, parameter: this.weights };
  }

  inference(): Sae {
    return {
      architecture: "toy",
      selection: { kind: "relu" },
      dIn: this.dIn,
      dSae: this.dSae,
      encoder: this.#unit,
      decoder: this.#unit,
      encoderBias: new Float32Array(this.dSae),
      decoderBias: undefined,
    };
  }

  deadLatents(): number {
    return 0;
  }

  save(): SavedState {
    return { arrays: { weights: this.weights }, json: { steps: this.#steps } };
  }

  load(state: SavedState): void {
    copyArrays(this.save().arrays, state.arrays);
    this.#steps = Number(state.json["steps"]);
    this.#normalise();
  }

  bytes(): TrainableBytes {
    const { length } = this.weights;
    return {
      held: [{ what: "toys", bytes: 8 * length }],
      most: [],
      starting: 0,
      inference: { k: 0, bytes: 0 },
    };
  }

  #normalise(): void {
    for (let f = 0; f < this.dSae; f++) {
      const row = this.weights.subarray(f * this.dIn, (f + 1) * this.dIn);
      const length = Math.hypot(...row);
      for (let j = 0; j < this.dIn; j++) this.#unit[f * this.dIn + j] = row[j]! / length;
    }
  }
}
