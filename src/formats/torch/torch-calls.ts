/**
 * @file What a pickle of `torch.save` may call by name, and what each call makes: tensors, storages
 *   and ordered dictionaries. Every other name is refused, so no file can run anything. The calls
 *   are those of `torch._utils`.
 */

import type { DType } from "../../base/dtype.ts";
import type { FormatError } from "../../errors.ts";
import { showName } from "../show-name.ts";
import type { Named, PickleValue, StorageReference, TensorReference } from "./pickle-value.ts";

/** The storages of torch by class name. */
export const STORAGES: Readonly<Record<string, DType>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

const ORDERED_DICT = "collections.OrderedDict";
const REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
const REBUILD_TENSOR = ["torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"];

/** The most axes of a tensor; real files do not have more. */
const AXES_MAX = 64;

/** The dtype of a storage class such as `torch.FloatStorage`, or undefined. */
function storageType(name: string): DType | undefined {
  const found = /^torch\.(?:cuda\.)?(\w+)$/.exec(name)?.[1];
  return found !== undefined && Object.hasOwn(STORAGES, found) ? STORAGES[found] : undefined;
}

function isNamed(value: unknown): value is Named {
  return (value as Named | null)?.kind === "named";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= AXES_MAX && value.every(isCount);
}

/** The calls of one pickle. */
export class TorchCalls {
  readonly #most: number;
  readonly #fail: (problem: string, hint?: string) => FormatError;
  #pairs = 0;

  /**
   * @param most Pairs of all ordered dictionaries together: one per byte of the pickle at most.
   * @param fail Makes the error for what the pickle does wrong, and where.
   */
  constructor(most: number, fail: (problem: string, hint?: string) => FormatError) {
    this.#most = most;
    this.#fail = fail;
  }

  /** What a name stands for. @throws {FormatError} when it is not known. */
  named(name: string): Named {
    const isKnown =
      name === ORDERED_DICT ||
      name === REBUILD_PARAMETER ||
      REBUILD_TENSOR.includes(name) ||
      storageType(name) !== undefined;
    if (!isKnown)
      throw this.#fail(
        `it asks for ${showName(name)}, which is not run: only tensors and ordered dictionaries are read`,
        "Save the state_dict alone, as safetensors if you can.",
      );
    return { kind: "named", name };
  }

  /** What calling `target` makes. @throws {FormatError} for wrong arguments. */
  call(target: PickleValue, args: PickleValue): PickleValue {
    if (!isNamed(target) || !Array.isArray(args)) throw this.#fail("it calls what is not callable");
    if (target.name === ORDERED_DICT) return this.#orderedDict(args);
    if (target.name === REBUILD_PARAMETER) return this.#tensorOf(args[0]);
    if (REBUILD_TENSOR.includes(target.name)) return this.#rebuildTensor(args);
    throw this.#fail(`it calls ${target.name}, which is a type`);
  }

  /**
   * The storage that `('storage', class, key, device, elements)` refers to. The older format adds a
   * view, which must be none.
   *
   * @throws {FormatError} when it refers to something else.
   */
  storage(id: PickleValue): StorageReference {
    const [kind, type, key, , elements, view] = Array.isArray(id) ? id : [];
    const dtype = isNamed(type) ? storageType(type.name) : undefined;
    if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(elements))
      throw this.#fail("a reference is not one to a storage of numbers");
    if (view !== undefined && view !== null) throw this.#fail("a storage is a view of another");
    return { kind: "storage", dtype, key, elements };
  }

  #orderedDict(args: readonly PickleValue[]): PickleValue {
    const dict = new Map<PickleValue, PickleValue>();
    const pairs = args[0] ?? [];
    if (!Array.isArray(pairs)) throw this.#fail("an ordered dictionary is not made of pairs");
    // One list may be requested many times.
    this.#pairs += pairs.length;
    if (this.#pairs > this.#most) throw this.#fail("it makes more than it holds");
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw this.#fail("an ordered dictionary is not made of pairs");
      dict.set(pair[0]!, pair[1]!);
    }
    return dict;
  }

  #tensorOf(value: PickleValue | undefined): TensorReference {
    const tensor = value as TensorReference | null | undefined;
    if (tensor?.kind !== "tensor") throw this.#fail("a parameter is not a tensor");
    return tensor;
  }

  #rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TensorReference {
    const found = storage as StorageReference | null | undefined;
    if (found?.kind !== "storage" || !isCount(offset) || !isCounts(shape) || !isCounts(strides))
      throw this.#fail("a tensor is not made of a storage, an offset, a shape and strides");
    if (shape.length !== strides.length)
      throw this.#fail("a tensor has not as many strides as axes");
    const isEmpty = shape.includes(0);
    const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset);
    const elements = shape.reduce((product, length) => product * length, 1);
    if (!Number.isSafeInteger(elements) || (!isEmpty && !(last < found.elements)))
      throw this.#fail(`a tensor of shape [${shape.join(", ")}] reaches beyond its storage`);
    // Also what makes a small file ask for a large memory: strides of zero repeat one element.
    if (elements > found.elements)
      throw this.#fail(
        `a tensor of shape [${shape.join(", ")}] repeats its ${found.elements} elements`,
      );
    return { kind: "tensor", storage: found, offset, shape, strides };
  }
}
