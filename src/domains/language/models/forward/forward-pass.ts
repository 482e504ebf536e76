/**
 * @file Activations of a checkpoint by the backend's own forward pass, in float32. It computes what
 *   the ONNX graph computes, up to the order of sums.
 */

import type { Backend, ForwardStep } from "../../../../backend/backend.ts";
import type { RowKernels } from "../../../../sources/rows/row-kernels.ts";
import type { TokenBatch } from "../../text/token-batch.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { type ForwardPlan, planForward } from "./forward-plan.ts";
import type { RecordedStep } from "./recorded-step.ts";
import { weightValues } from "./weight-values.ts";

/** What of a backend computes activations. */
export type ForwardBackend = RowKernels &
  Pick<Backend, "linearPacking" | "packLinear" | "forward" | "threads">;

/** A step with its weights, but for the tables that depend on the length of windows. */
type Loaded = (positions: number) => ForwardStep;

interface Ready {
  readonly plan: ForwardPlan;
  readonly steps: readonly Loaded[];
}

/** The forward pass of one model. Weights are read when a plan needs them, and kept. */
export class ForwardPass {
  readonly #checkpoint: Checkpoint;
  readonly #steps: readonly RecordedStep[];
  readonly #backend: ForwardBackend;
  readonly #ready = new Map<string, Promise<Ready>>();
  readonly #tables = new Map<string, Promise<Float32Array>>();
  readonly #packed = new Map<string, Promise<Uint8Array>>();
  readonly #turns = new Map<Float32Array, RotaryRows>();

  constructor(checkpoint: Checkpoint, steps: readonly RecordedStep[], backend: ForwardBackend) {
    this.#checkpoint = checkpoint;
    this.#steps = steps;
    this.#backend = backend;
  }

  /** Threads, each of which computes windows of its own. */
  get threads(): number {
    return this.#backend.threads;
  }

  /**
   * The rows of some tensors; those of padding are zeros.
   *
   * @returns [batch · positions, width] each, in the order of `tensors`.
   * @throws {ConcordError} `model/unsupported` naming a tensor that no step makes.
   */
  async rows(tensors: readonly string[], tokens: TokenBatch): Promise<Float32Array[]> {
    const { ids, batch, positions } = tokens;
    const distinct = [...new Set(tensors)];
    const { plan, steps } = await this.#prepare(distinct);
    const outputs: Float32Array[] = [];
    const buffers = plan.buffers.map(({ width, isBrief, wanted }) => {
      if (wanted === undefined) return { width, isBrief };
      const output = new Float32Array(batch * positions * width);
      outputs[wanted] = output;
      return { width, isBrief, output };
    });
    await this.#backend.forward({
      steps: steps.map((step) => step(positions)),
      buffers,
      tokens: ids,
      lengths: tokens.lengths ?? new Int32Array(batch).fill(positions),
      windows: batch,
      positions,
    });
    return tensors.map((tensor) => outputs[distinct.indexOf(tensor)]!);
  }

  /** The plan of some tensors, with the weights that it needs. */
  #prepare(tensors: readonly string[]): Promise<Ready> {
    const key = JSON.stringify(tensors);
    const known = this.#ready.get(key);
    if (known) return known;
    const ready = this.#load(planForward(this.#steps, tensors));
    this.#ready.set(key, ready);
    return ready;
  }

  async #load(plan: ForwardPlan): Promise<Ready> {
    const steps: Loaded[] = [];
    for (const step of plan.steps) steps.push(await this.#loaded(step, plan.places));
    return { plan, steps };
  }

  async #loaded(step: RecordedStep, places: ReadonlyMap<string, number>): Promise<Loaded> {
    const at = (tensor: string) => places.get(tensor)!;
    const out = at(step.out);
    switch (step.kind) {
      case "embed":
      case "place": {
        const { kind } = step;
        const table = await this.#values(step.table);
        const loaded: ForwardStep =
          kind === "embed" ? { kind, out, table, scale: step.scale } : { kind, out, table };
        return () => loaded;
      }
      case "norm": {
        const { kind, norm, eps, heads, gainOffset = 0 } = step;
        const stored = step.gain === undefined ? undefined : await this.#values(step.gain);
        const gain = gainOffset === 0 ? stored : stored?.map((v) => v + gainOffset);
        const bias = step.bias === undefined ? undefined : await this.#values(step.bias);
        const loaded = { kind, out, a: at(step.a), norm, eps, heads, gain, bias };
        return () => loaded;
      }
      case "linear": {
        const bias = step.bias === undefined ? undefined : await this.#values(step.bias);
        const loaded = {
          kind: step.kind,
          out,
          a: at(step.a),
          packed: await this.#weight(step),
          bias,
        };
        return () => loaded;
      }
      case "attention": {
        const { kind, heads, keyHeads, scale, cap, window, frequencies } = step;
        const [q, k, v] = [at(step.q), at(step.k), at(step.v)];
        const loaded = { kind, out, q, k, v, heads, keyHeads, scale, cap, window };
        return (positions) =>
          frequencies
            ? { ...loaded, rotary: frequencies.length, ...this.#turned(frequencies, positions) }
            : { ...loaded, rotary: 0 };
      }
      case "activate": {
        const loaded = { kind: step.kind, out, a: at(step.a), activation: step.activation };
        return () => loaded;
      }
      case "columns": {
        const { kind, heads, stride, first } = step;
        const loaded = { kind, out, a: at(step.a), heads, stride, first };
        return () => loaded;
      }
      default: {
        const loaded = { kind: step.kind, out, a: at(step.a), b: at(step.b) };
        return () => loaded;
      }
    }
  }

  /** A weight as it is stored, in float32. */
  #values(name: string): Promise<Float32Array> {
    let values = this.#tables.get(name);
    values ??= weightValues(this.#checkpoint, name, this.#backend);
    this.#tables.set(name, values);
    return values;
  }

  /** The weight of a linear layer, packed. */
  #weight(step: Extract<RecordedStep, { kind: "linear" }>): Promise<Uint8Array> {
    const { weight: name, transposed, inputs, width: outputs } = step;
    const pack = async () => {
      const weight = await weightValues(this.#checkpoint, name, this.#backend);
      const packed = this.#backend.bytes(this.#backend.linearPacking({ inputs, outputs }));
      await this.#backend.packLinear({ weight, transposed, inputs, outputs, packed });
      return packed;
    };
    const packed = this.#packed.get(name) ?? pack();
    this.#packed.set(name, packed);
    return packed;
  }

  /** Cosines and sines for the positions of a window. */
  #turned(frequencies: Float32Array, positions: number): RotaryRows {
    const known = this.#turns.get(frequencies);
    if (known && known.cosines.length >= positions * frequencies.length) return known;
    const made = rotaryRows(frequencies, positions);
    this.#turns.set(frequencies, made);
    return made;
  }
}

/** Both [positions, pairs]. */
interface RotaryRows {
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
}

/** cos and sin of position · frequency, where the angle is rounded to float32 as in PyTorch. */
function rotaryRows(frequencies: Float32Array, positions: number): RotaryRows {
  const half = frequencies.length;
  const angles = Float32Array.from(
    { length: positions * half },
    (_, i) => Math.floor(i / half) * frequencies[i % half]!,
  );
  return { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
}
