/**
 * @file Calls of the native core's kernels with one error each: a number, the length, type or
 *   contents of an array, or memory that two arrays share. The core must refuse or answer. Guards
 *   around the arrays reveal what it writes outside them. So do sanitizers, if the core is built
 *   with them (scripts/test-sanitized.mjs).
 */

import type { Addon } from "../../src/backend/native/load-addon.ts";
import { integerAt, randomStream } from "../../src/base/philox.ts";
import { type Call, kernelCalls } from "./kernel-calls.ts";

const NUMBERS: readonly unknown[] = [0, -1, 1, 2, 31, 33, 0.5, 2 ** 29, 2 ** 29 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY, "x", null, undefined, {}]; // biome-ignore format: one line
const INTEGERS: readonly number[] = [0, -1, 1, 100, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)];
const REALS: readonly number[] = [0, -1, 1e-38, 1e38, Number.NaN, Number.POSITIVE_INFINITY];
const OTHERS: readonly unknown[] = [undefined, null, 5, "x", [], {}, new Uint8Array(3), new Float64Array(2000), new Int32Array(2000), new Float32Array(2000)]; // biome-ignore format: one line

const GUARD = 64;
const GUARD_BYTE = 0xa5;

type Typed = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array;
const isTyped = (value: unknown): value is Typed => ArrayBuffer.isView(value);

/**
 * An array of `length` elements like `like`, with guards on both sides. It holds as much of `like`
 * as fits.
 */
function guarded(like: Typed, length: number): Typed {
  const bytes = length * like.BYTES_PER_ELEMENT;
  const whole = new Uint8Array(bytes + 2 * GUARD).fill(GUARD_BYTE);
  const Kind = like.constructor as new (buffer: ArrayBuffer, offset: number, n: number) => Typed;
  const inner = new Kind(whole.buffer, GUARD, length);
  inner.set(like.subarray(0, length) as never);
  return inner;
}

function guardsHold(array: Typed): boolean {
  const whole = new Uint8Array(array.buffer);
  const end = array.byteOffset + array.byteLength;
  return (
    whole.subarray(0, array.byteOffset).every((b) => b === GUARD_BYTE) &&
    whole.subarray(end).every((b) => b === GUARD_BYTE)
  );
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every value in a call, nested values included. */
function places(call: Call): Place[] {
  return Object.keys(call).flatMap((key) => {
    const value = call[key];
    const inner =
      typeof value === "object" && value !== null && !isTyped(value) ? places(value as Call) : [];
    return [{ holder: call, key }, ...inner];
  });
}

/**
 * Makes `count` wrong calls, one kernel after another.
 *
 * @returns How many were refused, and how many answered.
 * @throws {Error} naming the call when a kernel writes outside its arrays, or throws something
 *   other than an Error with a code.
 */
export async function fuzzKernels(addon: Addon, seed: number, count: number) {
  const calls = Object.entries(kernelCalls(addon));
  const stream = randomStream(seed, "fuzz-kernels");
  let position = 0;
  const below = (n: number) => integerAt(stream, position++, n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const outcome = { refused: 0, answered: 0 };

  for (let i = 0; i < count; i++) {
    const [name, make] = calls[i % calls.length]!;
    const call = make();
    const arrays: Typed[] = [];
    const guard = (array: Typed, length = array.length) => {
      const inner = guarded(array, length);
      arrays.push(inner);
      return inner;
    };
    for (const { holder, key } of places(call)) {
      const value = holder[key];
      if (isTyped(value)) holder[key] = guard(value);
    }
    const { holder, key } = pick(places(call));
    const value = holder[key];
    if (isTyped(value)) {
      const kind = below(5);
      if (kind === 0) holder[key] = guard(value, below(value.length));
      else if (kind === 1) holder[key] = pick(OTHERS);
      else if (kind === 2) {
        const other = pick(
          places(call)
            .map((p) => p.holder[p.key])
            .filter(isTyped),
        );
        if (other.constructor === value.constructor) holder[key] = other;
      } else
        for (let n = 0; n < 3; n++)
          value[below(value.length)] = pick(value instanceof Int32Array ? INTEGERS : REALS);
    } else holder[key] = typeof value === "number" ? pick(NUMBERS) : pick(OTHERS);

    const where = `seed ${seed}, call ${i} of ${name}, wrong in ${key}`;
    try {
      await (addon[name as keyof Addon] as (args: Call) => unknown)(call);
      outcome.answered++;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.message.includes("\n"))
        throw new Error(`${where}: threw ${String(error)}`, { cause: error });
      outcome.refused++;
    }
    if (!arrays.every(guardsHold)) throw new Error(`${where}: wrote outside its arrays`);
  }
  return outcome;
}
