/**
 * @file Makes and describes ONNX tensors and values: bytes inside the model, bytes in another file,
 *   inputs and outputs.
 */

import type { DType } from "../../base/dtype.ts";
import { expected } from "../../errors.ts";
import { ELEMENT_TYPE, type TensorProto, toNumber, type ValueInfoProto } from "./messages.ts";

/** ONNX's number of a dtype. */
function elementType(dtype: DType): number {
  return ELEMENT_TYPE[dtype];
}

/**
 * An initialiser whose bytes live in the model itself.
 *
 * @param data Row-major elements; the array's type gives the element type. Little-endian hosts
 *   only, as all of Node's are.
 */
export function inlineTensor(
  name: string,
  shape: readonly number[],
  data: Float32Array | Int32Array | BigInt64Array,
): TensorProto {
  const type =
    data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "int64";
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return { name, dims: [...shape], dataType: ELEMENT_TYPE[type], rawData };
}

/** The location of an initialiser's bytes in another file. */
export interface ExternalBytes {
  /** File name relative to the folder that the session is given. */
  readonly location: string;
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * An initialiser whose bytes stay in another file, such as a checkpoint's own `model.safetensors`.
 */
export function externalTensor(
  name: string,
  dtype: DType,
  shape: readonly number[],
  at: ExternalBytes,
): TensorProto {
  return {
    name,
    dims: [...shape],
    dataType: elementType(dtype),
    dataLocation: 1,
    externalData: [
      { key: "location", value: at.location },
      { key: "offset", value: String(at.offset) },
      { key: "length", value: String(at.byteLength) },
    ],
  };
}

/** A graph input or output; dimensions are numbers or symbolic names. */
export function tensorValue(
  name: string,
  dtype: DType,
  shape: readonly (number | string)[],
): ValueInfoProto {
  const dim = shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementType(dtype), shape: { dim } } } };
}

/** The dtype of an ONNX element type number. @throws when Concord has no such dtype. */
export function dtypeOf(elemType: number, where: string): DType {
  const found = Object.entries(ELEMENT_TYPE).find(([, id]) => id === elemType);
  if (!found) throw expected(where, "an element type that Concord knows", elemType);
  return found[0] as DType;
}

/**
 * The declared shape of a value: numbers, symbolic names, `undefined` for unknown; undefined when
 * no shape is declared.
 */
export function declaredShape(
  value: ValueInfoProto,
): readonly (number | string | undefined)[] | undefined {
  return value.type?.tensorType?.shape?.dim.map((d) =>
    Object.hasOwn(d, "dimValue") && d.dimValue !== undefined
      ? toNumber(d.dimValue)
      : d.dimParam || undefined,
  );
}
