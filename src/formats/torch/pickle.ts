/**
 * @file Reads the pickles that `torch.save` writes, and nothing else. A pickle is a program. This
 *   is an interpreter that knows how to make tensors, ordered dictionaries, lists, tuples and plain
 *   values. Every other name that a pickle asks for is refused, so no file can run anything.
 *
 * Opcodes and their meaning are those of Python's pickle protocols 0 to 4 (`pickletools`); the
 * calls are those of `torch._utils`. Work and memory are in proportion to the bytes read.
 */

import type { DType } from "../../base/dtype.ts";
import { FormatError } from "../../errors.ts";
import { showName } from "../show-name.ts";
import type { Named, PickleValue, StorageReference, TensorReference } from "./pickle-value.ts";

/** Where the mark of a list or tuple was set on the stack. */
const MARK = Symbol("mark");

/** The storages of torch by class name. */
const STORAGES: Readonly<Record<string, DType>> = {
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

/** Thrown where the bytes end before the pickle does; more bytes may help. */
export class PickleEndsEarly extends FormatError {}

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

/** The most axes of a tensor; real files do not have more. */
const AXES_MAX = 64;

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= AXES_MAX && value.every(isCount);
}

/** Reads one pickle. */
class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #pairs = 0;
  position: number;

  constructor(bytes: Uint8Array, start: number, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.position = start;
  }

  #fail(problem: string, hint?: string): FormatError {
    return new FormatError(
      `${this.#where}, pickle at byte ${this.position}`,
      problem,
      hint === undefined ? {} : { hint },
    );
  }

  #take(count: number): number {
    const at = this.position;
    if (count > this.#bytes.byteLength - at)
      throw new PickleEndsEarly(this.#where, "the pickle ends early");
    this.position += count;
    return at;
  }

  #text(length: number): string {
    const at = this.#take(length);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, length).toString("utf8");
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleEndsEarly(this.#where, "the pickle ends early");
    const line = this.#text(end - this.position);
    this.position++;
    return line;
  }

  #uint64(): number {
    const value = Number(this.#view.getBigUint64(this.#take(8), true));
    if (!Number.isSafeInteger(value)) throw this.#fail("a length is beyond 2⁵³");
    return value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#fail("its stack is empty");
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#fail("its stack is empty");
    return value;
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.#fail("a mark is missing");
    return this.#stack.splice(mark).slice(1) as PickleValue[];
  }

  #integer(bytes: number): number {
    const at = this.#take(bytes);
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    const signed = bytes === 0 ? 0n : BigInt.asIntN(8 * bytes, value);
    return this.#safe(Number(signed));
  }

  #safe(value: number): number {
    if (!Number.isSafeInteger(value)) throw this.#fail("an integer is beyond 2⁵³");
    return value;
  }

  #named(name: string): Named {
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

  #call(target: PickleValue, args: PickleValue): PickleValue {
    if (!isNamed(target) || !Array.isArray(args)) throw this.#fail("it calls what is not callable");
    if (target.name === ORDERED_DICT) return this.#orderedDict(args);
    if (target.name === REBUILD_PARAMETER) return this.#tensorOf(args[0]);
    if (REBUILD_TENSOR.includes(target.name)) return this.#rebuildTensor(args);
    throw this.#fail(`it calls ${target.name}, which is a type`);
  }

  #orderedDict(args: readonly PickleValue[]): PickleValue {
    const dict = new Map<PickleValue, PickleValue>();
    const pairs = args[0] ?? [];
    if (!Array.isArray(pairs)) throw this.#fail("an ordered dictionary is not made of pairs");
    // One list may be requested many times.
    this.#pairs += pairs.length;
    if (this.#pairs > this.#bytes.byteLength) throw this.#fail("it makes more than it holds");
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

  /**
   * `('storage', class, key, device, elements)`, and in the older format a view, which must be
   * none.
   */
  #persistent(id: PickleValue): StorageReference {
    const [kind, type, key, , elements, view] = Array.isArray(id) ? id : [];
    const dtype = isNamed(type) ? storageType(type.name) : undefined;
    if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(elements))
      throw this.#fail("a reference is not one to a storage of numbers");
    if (view !== undefined && view !== null) throw this.#fail("a storage is a view of another");
    return { kind: "storage", dtype, key, elements };
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 !== 0)
      throw this.#fail("it fills no dictionary");
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#fail("it fills no list");
    for (const item of items) list.push(item);
  }

  #get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#fail("it asks for what it has not kept");
    this.#push(value);
  }

  #tuple(length: number): void {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(this.#pop());
    this.#push(items);
  }

  /** Attributes of an ordered dictionary, such as the versions of modules, are of no use here. */
  #build(): void {
    this.#pop();
    if (!(this.#top() instanceof Map)) throw this.#fail("it sets attributes of no dictionary");
  }

  /** @returns The value, once the pickle stops. */
  read(): PickleValue {
    for (;;) {
      const opcode = this.#bytes[this.#take(1)]!;
      switch (opcode) {
        case 0x80: // PROTO
          this.#take(1);
          break;
        case 0x95: // FRAME
          this.#take(8);
          break;
        case 0x2e: // STOP
          return this.#pop();
        case 0x28: // MARK
          this.#stack.push(MARK);
          break;
        case 0x30: // POP
          this.#pop();
          break;
        case 0x31: // POP_MARK
          this.#popToMark();
          break;
        case 0x4e: // NONE
          this.#push(null);
          break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          this.#push(opcode === 0x88);
          break;
        case 0x4b: // BININT1
          this.#push(this.#bytes[this.#take(1)]!);
          break;
        case 0x4d: // BININT2
          this.#push(this.#view.getUint16(this.#take(2), true));
          break;
        case 0x4a: // BININT
          this.#push(this.#view.getInt32(this.#take(4), true));
          break;
        case 0x8a: // LONG1
          this.#push(this.#integer(this.#bytes[this.#take(1)]!));
          break;
        case 0x47: // BINFLOAT
          this.#push(this.#view.getFloat64(this.#take(8), false));
          break;
        case 0x8c: // SHORT_BINUNICODE
        case 0x55: // SHORT_BINSTRING
          this.#push(this.#text(this.#bytes[this.#take(1)]!));
          break;
        case 0x58: // BINUNICODE
        case 0x54: // BINSTRING
          this.#push(this.#text(this.#view.getUint32(this.#take(4), true)));
          break;
        case 0x8d: // BINUNICODE8
          this.#push(this.#text(this.#uint64()));
          break;
        case 0x7d: // EMPTY_DICT
          this.#push(new Map());
          break;
        case 0x5d: // EMPTY_LIST
        case 0x29: // EMPTY_TUPLE
          this.#push([]);
          break;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
          this.#tuple(opcode - 0x84);
          break;
        case 0x74: // TUPLE
        case 0x6c: // LIST
          this.#push(this.#popToMark());
          break;
        case 0x61: // APPEND
          this.#append([this.#pop()]);
          break;
        case 0x65: // APPENDS
          this.#append(this.#popToMark());
          break;
        case 0x73: {
          // SETITEM
          const value = this.#pop();
          this.#setItems([this.#pop(), value]);
          break;
        }
        case 0x75: // SETITEMS
          this.#setItems(this.#popToMark());
          break;
        case 0x71: // BINPUT
          this.#memo.set(this.#bytes[this.#take(1)]!, this.#top());
          break;
        case 0x72: // LONG_BINPUT
          this.#memo.set(this.#view.getUint32(this.#take(4), true), this.#top());
          break;
        case 0x94: // MEMOIZE
          this.#memo.set(this.#memo.size, this.#top());
          break;
        case 0x68: // BINGET
          this.#get(this.#bytes[this.#take(1)]!);
          break;
        case 0x6a: // LONG_BINGET
          this.#get(this.#view.getUint32(this.#take(4), true));
          break;
        case 0x63: {
          // GLOBAL
          const module = this.#line();
          this.#push(this.#named(`${module}.${this.#line()}`));
          break;
        }
        case 0x93: {
          // STACK_GLOBAL
          const [name, module] = [this.#pop(), this.#pop()];
          this.#push(this.#named(`${String(module)}.${String(name)}`));
          break;
        }
        case 0x51: // BINPERSID
          this.#push(this.#persistent(this.#pop()));
          break;
        case 0x52: {
          // REDUCE
          const args = this.#pop();
          this.#push(this.#call(this.#pop(), args));
          break;
        }
        case 0x62: // BUILD
          this.#build();
          break;
        default:
          throw this.#fail(
            `opcode 0x${opcode.toString(16).padStart(2, "0")} is not one that files of tensors need`,
            "Save the state_dict alone, as safetensors if you can.",
          );
      }
    }
  }
}

/** A value, and the byte behind its pickle. */
export interface Unpickled {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads the pickle that begins at `start`.
 *
 * @throws {PickleEndsEarly} when the bytes end before it does; {FormatError} when it asks for
 *   anything but tensors, dictionaries and plain values, or is damaged.
 */
export function unpickle(bytes: Uint8Array, start: number, where: string): Unpickled {
  const unpickler = new Unpickler(bytes, start, where);
  const value = unpickler.read();
  return { value, end: unpickler.position };
}
