/**
 * @file What the pickles of `torch.save` may hold: plain values, and views of storages whose bytes
 *   lie elsewhere in the file.
 */

import type { DType } from "../../base/dtype.ts";

/** A storage that a pickle refers to; its bytes lie elsewhere in the file. */
export interface StorageReference {
  readonly kind: "storage";
  readonly dtype: DType;
  /** Name of the bytes: a file of the zip archive, or a key of the older format. */
  readonly key: string;
  /** Number of elements. */
  readonly elements: number;
}

/** A tensor as a pickle describes it: a view of a storage. */
export interface TensorReference {
  readonly kind: "tensor";
  readonly storage: StorageReference;
  /** First element, counted in elements of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Steps from one index to the next along each axis, in elements. */
  readonly strides: readonly number[];
}

/** A callable, by its name in Python. */
export interface Named {
  readonly kind: "named";
  readonly name: string;
}

/** What a pickle may hold. Dictionaries are maps; lists and tuples are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | StorageReference
  | TensorReference
  | Named
  | PickleValue[]
  | Map<PickleValue, PickleValue>;
