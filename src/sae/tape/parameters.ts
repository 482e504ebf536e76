/** @file The named parameters of a model on a tape, with their moments, and how they start. */

import type { AdamState, Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { elementCount, float32Tensor, showShape, type Tensor } from "../../base/tensor.ts";
import { ConcordError, ShapeError } from "../../errors.ts";
import type { RunningStatistics } from "../../tape/ops/batch-norm.ts";
import { fillWeights } from "../init/fill-weights.ts";
import { geometricMedian, meanOfRows } from "../init/geometric-median.ts";
import type { Draw } from "../trainable.ts";
import type { GivenNumbers, ParameterOptions } from "./model.ts";

/** A parameter with all that is kept for it. */
export interface NamedParameter extends AdamState, ParameterOptions {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The parameters and running statistics of one SAE, in the order in which they were made. */
export class NamedParameters {
  readonly #backend: Backend;
  readonly #saved: ReadonlyMap<string, Tensor> | undefined;
  readonly #parameters = new Map<string, NamedParameter>();
  readonly #statistics = new Map<string, RunningStatistics>();
  readonly #constants = new Map<string, Tensor>();

  /** @param saved Tensors of a saved SAE, where there is one: its constants are taken from them. */
  constructor(backend: Backend, saved?: ReadonlyMap<string, Tensor>) {
    this.#backend = backend;
    this.#saved = saved;
  }

  /** All parameters. */
  get all(): NamedParameter[] {
    return [...this.#parameters.values()];
  }

  /**
   * Memory for a parameter.
   *
   * @throws {ConcordError} "argument/invalid" when there is one of that name.
   */
  add(name: string, shape: readonly number[], options: ParameterOptions): NamedParameter {
    if (this.#parameters.has(name)) throw twice(name);
    const { start } = options;
    if (typeof start === "string") {
      const axes = start === "mean" || start === "geometric_median" ? 1 : 2;
      if (shape.length !== axes)
        throw new ShapeError(name, `${axes} axes to start with ${start}`, showShape(shape));
    }
    const array = () => this.#backend.float32(elementCount(shape));
    const added = { name, shape, parameter: array(), m: array(), v: array(), ...options };
    this.#parameters.set(name, added);
    return added;
  }

  /** The parameter of that name, which `add` made. */
  get(name: string): NamedParameter {
    return this.#parameters.get(name)!;
  }

  /** The numbers of a parameter or a constant. */
  values(name: string): Float32Array {
    const constant = this.#constants.get(name)?.data as Float32Array | undefined;
    return constant ?? this.get(name).parameter;
  }

  /** The statistics of that name: the same ones at every call. */
  statistics(name: string, columns: number): RunningStatistics {
    const known = this.#statistics.get(name);
    if (known) return known;
    const made = { mean: this.#backend.float32(columns), variance: this.#backend.float32(columns) };
    this.#statistics.set(name, made);
    return made;
  }

  /**
   * The numbers of that name, which do not learn: the same ones at every call.
   *
   * @param given What they are, where they are not known yet. Default: as they were saved.
   * @throws {ConcordError} "argument/invalid" where nobody has said what they are.
   */
  constant(name: string, given?: GivenNumbers): Tensor {
    if (this.#parameters.has(name)) throw twice(name);
    const known = this.#constants.get(name);
    if (known) return known;
    const saved = this.#saved?.get(name);
    const shape = given?.shape ?? saved?.shape;
    const values = given?.values ?? saved?.data;
    if (!shape || !values)
      throw new ConcordError("argument/invalid", `The constant ${name} has no numbers.`, {
        hint: "Give them in training; inference gets what was kept.",
      });
    const made = this.#backend.float32(elementCount(shape));
    // A stand-in, on which memory is counted, takes no values.
    if (ArrayBuffer.isView(made)) made.set(values as Float32Array);
    const constant = float32Tensor(shape, made);
    this.#constants.set(name, constant);
    return constant;
  }

  /**
   * Draws all that does not come from data, and forgets the statistics. Streams of random numbers
   * are called as those of the fused step, so that parameters called `encoder` and `decoder` start
   * with the same numbers.
   */
  async draw({ seed, restart }: Draw): Promise<void> {
    const suffix = restart === 0 ? "" : `/reinitialised/${restart}`;
    for (const { name, shape, parameter, start = 0 } of this.all) {
      if (start === "mean" || start === "geometric_median") continue;
      if (typeof start === "number") parameter.fill(start);
      else if (start === "identity") fillIdentity(parameter, shape.at(-1)!);
      else if (typeof start === "object") parameter.set(this.#original(name, start.copyOf));
      else {
        const stream = randomStream(seed, `weights/${name}${suffix}`);
        const [rows, columns] = shape as [number, number];
        await fillWeights(this.#backend, start, stream, parameter, rows, columns);
      }
    }
    for (const { mean, variance } of this.#statistics.values()) {
      mean.fill(0);
      variance.fill(1);
    }
    await this.normalise();
  }

  /** Brings rows that are kept at length one to it, and projects what is projected. */
  async normalise(): Promise<void> {
    for (const one of this.all) {
      const { shape, parameter, unitRows } = one;
      one.project?.(parameter, shape.at(-1) ?? 1);
      if (!unitRows) continue;
      const [count, columns] = shape as [number, number];
      await this.#backend.normalizeRows({ rows: parameter, unit: parameter, count, columns });
    }
  }

  /** Sets the parameters that start as a centre of the first batch x [rows, columns]. */
  async fitTo(x: Float32Array, rows: number, columns: number): Promise<void> {
    for (const { start, parameter } of this.all) {
      if (start !== "mean" && start !== "geometric_median") continue;
      const centre = start === "mean" ? meanOfRows : geometricMedian;
      parameter.set(await centre(this.#backend, x, rows, columns));
    }
  }

  /** Everything by name, for checkpoints. */
  arrays(): Record<string, Float32Array> {
    const named: Record<string, Float32Array> = {};
    for (const { name, parameter, m, v } of this.all) {
      named[name] = parameter;
      named[`${name}.m`] = m;
      named[`${name}.v`] = v;
    }
    for (const [name, { mean, variance }] of this.#statistics) {
      named[`${name}.mean`] = mean;
      named[`${name}.variance`] = variance;
    }
    for (const [name, { data }] of this.#constants) named[name] = data as Float32Array;
    return named;
  }

  /** All that inference needs, by name. The tensors share this memory. */
  tensors(): Map<string, Tensor> {
    const named = new Map<string, Tensor>();
    for (const { name, shape, parameter } of this.all)
      named.set(name, float32Tensor(shape, parameter));
    for (const [name, { mean, variance }] of this.#statistics) {
      named.set(`${name}.mean`, float32Tensor([mean.length], mean));
      named.set(`${name}.variance`, float32Tensor([variance.length], variance));
    }
    for (const [name, constant] of this.#constants) named.set(name, constant);
    return named;
  }

  #original(name: string, copyOf: string): Float32Array {
    const own = this.get(name).parameter;
    const original = this.#parameters.get(copyOf)?.parameter;
    if (original?.length === own.length) return original;
    throw new ConcordError(
      "argument/invalid",
      `${name} starts as a copy of ${copyOf}, which is ${original ? "of another shape" : "not a parameter"}.`,
      { hint: "copyOf names a parameter of the same shape that was made before." },
    );
  }
}

/** Ones on the diagonal of a matrix with so many columns, and zeros elsewhere. */
function fillIdentity(values: Float32Array, columns: number): void {
  for (let at = 0; at < values.length; at++)
    values[at] = at % columns === Math.floor(at / columns) ? 1 : 0;
}

function twice(name: string): ConcordError {
  return new ConcordError("argument/invalid", `There are two parameters called ${name}.`, {
    hint: "Give each parameter of a model a name of its own.",
  });
}
