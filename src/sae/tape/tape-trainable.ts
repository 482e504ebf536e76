/** @file An SAE whose model is recorded on a tape, behind the contract of `Trainable`. */

import { countingBackend } from "../../backend/counting-backend.ts";
import { copyArrays, type SavedState } from "../../base/checkpointable.ts";
import { ConcordError } from "../../errors.ts";
import { Adam } from "../../tape/adam.ts";
import { TapeMemory } from "../../tape/memory.ts";
import { add } from "../../tape/ops/arithmetic.ts";
import { unitRows } from "../../tape/ops/unit-rows.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import type { AdamConstants, OptionRecord } from "../architecture.ts";
import type { OwnEncoder, Sae } from "../sae.ts";
import { selectionName } from "../selection.ts";
import type {
  Atoms,
  Batch,
  Draw,
  Forward,
  PlannedUse,
  StepOptions,
  StepResult,
  Trainable,
  TrainableBytes,
  TrainableContext,
} from "../trainable.ts";
import { auxLoss, type TapeAuxK } from "./aux-k.ts";
import { addMovement, projectAlongRows } from "./constraints.ts";
import { foldedEncoder } from "./fold-norm.ts";
import type { RecordModel, TapeStart } from "./model.ts";
import { copyTensors, tapeEncoder } from "./own-encoder.ts";
import { NamedParameters } from "./parameters.ts";
import { type PulledLoss, pulledLoss } from "./pulled-loss.ts";
import { type RecordedModel, recordModel } from "./record-model.ts";

/** What a trainable on a tape is made to be. */
export interface TapeTrainableOptions {
  /** What a report calls it. Members of one name, shape and `key` share their step's memory. */
  readonly name: string;
  readonly dSae: number;
  readonly adam: AdamConstants;
  readonly record: RecordModel;
  /** What of the start is made from training rows. Default: nothing. */
  readonly start?: TapeStart | undefined;
  /** Tells models of one name apart that need other memory. Default: none do. */
  readonly key?: string;
  /** See `Trainable`. */
  readonly activePerRow?: number | undefined;
  /** Global gradient norm to clip at. Default: none. */
  readonly clipNorm?: number | undefined;
  /** Activations without activity after which a latent counts as dead. Default 10 million. */
  readonly deadAfterTokens?: number | undefined;
  /** Needs a model with `scores`. Default: none. */
  readonly auxK?: TapeAuxK | undefined;
  /** Those of its architecture; a saved SAE keeps them. Default: none. */
  readonly options?: OptionRecord;
}

/** What a forward pass found. */
interface TapeForward extends Forward {
  readonly squaredError: number;
  readonly l0: number;
  readonly l1: number;
}

/** A reconstruction may differ by this much, of its largest number, from code · atoms + b_dec. */
const RECONSTRUCTION_TOLERANCE = 1e-3;

/** An SAE in training that a function records on a tape. */
export class TapeTrainable implements Trainable {
  readonly dIn: number;
  readonly dSae: number;
  readonly activePerRow: number | undefined;
  readonly #context: TrainableContext;
  readonly #options: TapeTrainableOptions;
  readonly #parameters: NamedParameters;
  readonly #memory: TapeMemory;
  readonly #model: RecordedModel;
  readonly #optimizer: Adam;
  /** The loss with a coupling's pull, where the decoder is not a parameter. */
  readonly #pulled: PulledLoss | undefined;
  /**
   * The decoder. Where it is computed, a copy: the tape's memory is shared, and holds that of
   * whoever stepped last.
   */
  readonly #decoder: Float32Array;
  /** The decoder's rows at length one; the decoder itself where it is kept so. */
  readonly #unit: Float32Array;
  readonly #activeRows: Int32Array;
  readonly #tokensSinceFired: Float64Array;
  #before: Float32Array | undefined;
  readonly #loss: TapeTensor;
  readonly #auxLoss: TapeTensor | undefined;
  #ownEncoder: OwnEncoder | undefined;
  #steps = 0;
  #seed = 0;
  #needsRows = false;
  #startsFrom = false;
  #isChecked = false;

  /** @throws {ShapeError} when what is recorded does not have the shapes of an SAE. */
  constructor(context: TrainableContext, options: TapeTrainableOptions) {
    const { backend, dIn, batch, shared, seed } = context;
    const { name, dSae, key = "" } = options;
    this.#context = context;
    this.#options = options;
    this.dIn = dIn;
    this.dSae = dSae;
    this.activePerRow = options.activePerRow;
    const memoryKey = `tape ${name} ${dSae} ${key}`;
    this.#memory = (shared.get(memoryKey) as TapeMemory | undefined) ?? new TapeMemory(backend);
    shared.set(memoryKey, this.#memory);
    this.#parameters = new NamedParameters(backend);
    const sizes = { dIn, dSae, batch };
    const { symmetry } = context;
    const use = { mode: "train", memory: this.#memory, symmetry, seed } as const;
    this.#model = recordModel(backend, options.record, sizes, this.#parameters, use);
    const { tape, decoder, loss } = this.#model;
    this.#tokensSinceFired = new Float64Array(dSae);
    this.#auxLoss = this.#recordAuxK(this.#model);
    this.#loss = this.#auxLoss ? add(loss, this.#auxLoss) : loss;
    const isComputed = !tape.parameters.includes(decoder);
    this.#pulled = isComputed ? pulledLoss(this.#loss, decoder) : undefined;
    this.#decoder = isComputed ? backend.float32(dSae * dIn) : decoder.value;
    this.#optimizer = new Adam(tape.parameters, options.adam, this.#parameters.all);
    this.#unit = this.#keepsUnitAtoms ? decoder.value : backend.float32(dSae * dIn);
    this.#activeRows = backend.int32(dSae);
  }

  get startRows(): number {
    return this.#needsRows ? (this.#options.start?.rows ?? 0) : 0;
  }

  async startOn(rows: Float32Array, found: Map<string, object>): Promise<void> {
    const { dIn, dSae } = this;
    const values = (name: string) => this.#parameters.values(name);
    const context = { backend: this.#context.backend, dIn, dSae, seed: this.#seed, found, values };
    await this.#options.start?.fit(rows, context);
    this.#needsRows = false;
    await this.#parameters.normalise();
    await this.#refresh();
  }

  async initialise(draw: Draw): Promise<void> {
    this.#seed = draw.seed;
    // A later draw keeps what came from rows.
    this.#needsRows ||= draw.restart === 0;
    await this.#parameters.draw(draw);
    this.#optimizer.reset();
    this.#tokensSinceFired.fill(0);
    await this.#refresh();
  }

  /**
   * @throws {ConcordError} "argument/invalid" where the model's encoder is not linear, or its
   *   decoder is computed, and `sae` is not one of the same model.
   */
  async startFrom(sae: Sae): Promise<void> {
    const { encoder, decoder, decoderBias } = this.#model;
    if (sae.ownEncoder) {
      copyTensors(this.#options.name, sae.ownEncoder.tensors, this.#parameters);
      this.#startsFrom = true;
      await this.#refresh();
      return;
    }
    if (!encoder || this.#pulled)
      throw new ConcordError(
        "argument/invalid",
        `${this.#options.name} cannot start from a saved SAE: its ${encoder ? "decoder is not a parameter" : "encoder is not one matrix"}.`,
        { hint: "Leave population.init_from out." },
      );
    decoder.value.set(sae.decoder);
    encoder.weights.value.set(sae.encoder);
    encoder.bias.value.set(sae.encoderBias);
    if (sae.decoderBias) decoderBias?.value.set(sae.decoderBias);
    this.#startsFrom = true;
    this.#needsRows = false;
    await this.#parameters.normalise();
    await this.#refresh();
  }

  async fitTo(firstBatch: Float32Array): Promise<void> {
    const { batch } = this.#context;
    if (!this.#startsFrom) await this.#parameters.fitTo(firstBatch, batch, this.dIn);
  }

  /** @throws {ConcordError} "argument/invalid" at first, when atoms do not give x̂. */
  async forward({ x, target = x }: Batch): Promise<TapeForward> {
    const { batch } = this.#context;
    const { tape, code, reconstruction, aim = this.#model.target } = this.#model;
    this.#model.x.value.set(x);
    this.#model.target.value.set(target);
    await tape.forward();
    if (!this.#isChecked) await this.#checkReconstruction();
    this.#activeRows.fill(0);
    let [active, l1, squares] = [0, 0, 0];
    const z = code.value;
    for (let b = 0, i = 0; b < batch; b++)
      for (let f = 0; f < this.dSae; f++, i++) {
        if (z[i] === 0) continue;
        this.#activeRows[f]!++;
        active++;
        l1 += Math.abs(z[i]!);
      }
    const wanted = aim.value;
    for (let i = 0; i < wanted.length; i++) squares += (reconstruction.value[i]! - wanted[i]!) ** 2;
    return {
      activeRows: this.#activeRows,
      squaredError: squares / batch,
      l0: active / batch,
      l1: l1 / batch,
    };
  }

  async backward(f: TapeForward, { lr, pull, moved }: StepOptions): Promise<StepResult> {
    const { tape, decoder } = this.#model;
    const { clipNorm } = this.#options;
    const loss = this.#loss;
    const value = loss.value[0]!;
    if (!Number.isFinite(value)) throw notFinite(`The loss is ${value}.`);
    for (let latent = 0; latent < this.dSae; latent++)
      if (f.activeRows[latent]! > 0) this.#tokensSinceFired[latent] = 0;
      else this.#tokensSinceFired[latent]! += this.#context.batch;
    if (this.#pulled) this.#pulled.pull = pull;
    await tape.backward(this.#pulled?.loss ?? loss);
    for (const [i, { unitRows, shape }] of this.#parameters.all.entries())
      if (unitRows) projectAlongRows(tape.parameters[i]!, shape.at(-1)!);
    const { sum } = decoder.gradient!;
    const isParameter = !this.#pulled;
    for (let i = 0; isParameter && pull && i < sum.length; i++) sum[i]! += pull[i]!;
    const gradientNorm = clipNorm === undefined ? undefined : this.#optimizer.gradientNorm();
    if (gradientNorm !== undefined && !Number.isFinite(gradientNorm))
      throw notFinite(`The gradient's norm is ${gradientNorm}.`);
    const clip = gradientNorm === undefined ? 1 : Math.min(1, clipNorm! / (gradientNorm + 1e-6));
    if (moved) {
      this.#before ??= this.#context.backend.float32(this.#unit.length);
      this.#before.set(this.#unit);
    }
    this.#steps++;
    await this.#optimizer.step({ lr, clip });
    await this.#parameters.normalise();
    await this.#refresh();
    if (moved) addMovement(moved, this.#before!, this.#unit, this.dIn);
    return {
      loss: value,
      squaredError: f.squaredError,
      l0: f.l0,
      l1: f.l1,
      auxLoss: this.#auxLoss?.value[0],
      gradientNorm,
      redoneRows: 0,
    };
  }

  dictionary(): Atoms {
    const parameter = this.#keepsUnitAtoms ? undefined : this.#decoder;
    return { unit: this.#unit, count: this.dSae, d: this.dIn, parameter };
  }

  inference(): Sae {
    const { dIn, dSae } = this;
    const { name, record, options = {} } = this.#options;
    const { encoder, decoderBias, keepsLengths, selection = { kind: "relu" } } = this.#model;
    if (!encoder)
      this.#ownEncoder ??= tapeEncoder(record, { dIn, dSae, options }, this.#parameters);
    const scores = encoder && foldedEncoder(encoder, dIn);
    return {
      selection,
      // A folder is read by an architecture of ours: the one that selects in the same way.
      architecture: encoder ? selectionName(selection) : name,
      dIn,
      dSae,
      encoder: scores?.weights ?? this.#unit,
      decoder: keepsLengths ? this.#decoder : this.#unit,
      encoderBias: scores?.bias ?? new Float32Array(dSae),
      decoderBias: decoderBias?.value,
      ...(this.#ownEncoder ? { ownEncoder: this.#ownEncoder } : {}),
    };
  }

  deadLatents(): number {
    const { auxK } = this.#options;
    const { deadAfterTokens = auxK?.deadAfterTokens ?? 10_000_000 } = this.#options;
    return this.#tokensSinceFired.filter((tokens) => tokens >= deadAfterTokens).length;
  }

  save(): SavedState {
    return {
      arrays: { ...this.#parameters.arrays(), tokens_since_fired: this.#tokensSinceFired },
      json: { steps: this.#steps, adam_steps: this.#optimizer.steps },
    };
  }

  async load({ arrays, json }: SavedState): Promise<void> {
    copyArrays(this.save().arrays, arrays);
    this.#needsRows = false;
    this.#steps = Number(json["steps"]);
    this.#optimizer.steps = Number(json["adam_steps"]);
    await this.#refresh();
  }

  bytes(_: PlannedUse): TrainableBytes {
    const { dIn, dSae } = this;
    const { batch, backend, symmetry } = this.#context;
    const { record, start } = this.#options;
    const held = Object.values(this.#parameters.arrays());
    const counter = countingBackend(this.#context.backend);
    const memory = new TapeMemory(counter.backend);
    const sizes = { dIn, dSae, batch };
    const use = { mode: "train", memory, symmetry } as const;
    this.#recordAuxK(recordModel(counter.backend, record, sizes, this.#parameters, use));
    const training = counter.bytes;
    recordModel(counter.backend, record, sizes, this.#parameters, { mode: "infer" });
    const { selection } = this.#model;
    const { encoder } = this.#model;
    const k = encoder && selection?.kind === "topk" ? selection.k : 0;
    const matrices = 4 * dIn * ((this.#keepsUnitAtoms ? 0 : 1) + (this.#pulled ? 1 : 0));
    const folded = encoder?.norm ? 4 * dSae * (dIn + 1) : 0;
    return {
      held: [
        {
          what: "parameters and moments",
          bytes: held.reduce((sum, { length }) => sum + 4 * length, 0),
        },
        { what: "workspaces", bytes: (12 + matrices) * dSae },
        { what: "tape", bytes: training, owner: this.#memory },
        { what: "atoms before a step", bytes: 4 * dSae * dIn },
      ],
      most: [],
      starting: Math.max(4 * batch * dIn, start?.bytes(backend, { dIn, dSae }) ?? 0),
      inference: { k, bytes: encoder ? folded : counter.bytes - training },
    };
  }

  #recordAuxK(model: RecordedModel): TapeTensor | undefined {
    const { auxK, name } = this.#options;
    if (auxK === undefined) return undefined;
    const { scores, decoder, target, aim = target } = model;
    if (!scores)
      throw new ConcordError("argument/invalid", `auxK: the model of ${name} has no scores.`, {
        hint: "Return from record what latents are selected by, or leave auxK out.",
      });
    const atoms = this.#keepsUnitAtoms ? decoder : unitRows(decoder);
    return auxLoss({ ...model, scores, atoms, aim, sinceFired: this.#tokensSinceFired }, auxK);
  }

  get #keepsUnitAtoms(): boolean {
    const { decoder } = this.#model;
    return this.#parameters.all.some((p) => p.parameter === decoder.value && p.unitRows);
  }

  async #refresh(): Promise<void> {
    const { backend } = this.#context;
    const { tape, decoder } = this.#model;
    if (this.#pulled) {
      await tape.forward(decoder);
      this.#decoder.set(decoder.value);
    }
    const rows = this.#decoder;
    const unit = this.#unit;
    if (rows !== unit)
      await backend.normalizeRows({ rows, unit, count: this.dSae, columns: this.dIn });
  }

  /** Evaluation and matching take the atoms for the decoder, so x̂ must be made of them. */
  async #checkReconstruction(): Promise<void> {
    const { batch, backend } = this.#context;
    const { code, decoderBias, keepsLengths, reconstruction } = this.#model;
    const atoms = keepsLengths ? this.#decoder : this.#unit;
    const made = new Float32Array(batch * this.dIn);
    for (let i = 0; decoderBias && i < made.length; i++) made[i] = decoderBias.value[i % this.dIn]!;
    const sizes = { m: batch, n: this.dIn, k: this.dSae };
    await backend.gemm({ a: code.value, b: atoms, c: made, ...sizes, beta: 1 });
    let [most, error] = [0, 0];
    for (const [i, value] of made.entries()) {
      most = Math.max(most, Math.abs(value));
      error = Math.max(error, Math.abs(value - reconstruction.value[i]!));
    }
    if (error > RECONSTRUCTION_TOLERANCE * most)
      throw new ConcordError(
        "argument/invalid",
        `The reconstruction of ${this.#options.name} is not code · atoms + decoderBias: it is off by ${error.toPrecision(2)} where numbers reach ${most.toPrecision(2)}.`,
        {
          hint: "Decode with the decoder's rows at length one: unitRows(decoder), or a decoder with unitRows: true.",
        },
      );
    this.#isChecked = true;
  }
}

function notFinite(message: string): ConcordError {
  return new ConcordError("numeric/not-finite", message, {
    hint: "Lower lr, or check the scale of the activations. The last checkpoint is unchanged.",
  });
}
