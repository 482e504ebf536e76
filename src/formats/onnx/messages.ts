/**
 * @file TypeScript shapes of the ONNX messages that Concord touches, and their wire coding. A
 *   decoded model keeps fields that are not listed here, so reading and writing a foreign model
 *   loses nothing that the schema knows.
 */

import protobuf from "protobufjs";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { ONNX_SCHEMA } from "./schema.ts";

/**
 * A 64-bit integer as the wire library gives it: a number where written by us, a Long where read.
 */
export type Int64 = number | { toNumber(): number };

export interface StringEntry {
  key: string;
  value: string;
}

export interface TensorProto {
  name?: string;
  dims: Int64[];
  /** One of {@link ELEMENT_TYPE}. */
  dataType: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: Int64[];
  externalData?: StringEntry[];
  /** 1 when the bytes are in another file, named by `externalData`. */
  dataLocation?: number;
}

export interface AttributeProto {
  name: string;
  /** 1 float, 2 int, 3 string, 4 tensor, 5 graph, 6 floats, 7 ints, 8 strings, 10 graphs. */
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: Int64[];
  graphs?: GraphProto[];
}

export interface NodeProto {
  name?: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface Dimension {
  dimValue?: Int64;
  dimParam?: string;
}

export interface ValueInfoProto {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: Dimension[] } } };
}

export interface GraphProto {
  name?: string;
  node: NodeProto[];
  initializer: TensorProto[];
  sparseInitializer?: { values: TensorProto }[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
}

export interface ModelProto {
  irVersion: Int64;
  producerName?: string;
  producerVersion?: string;
  opsetImport: { domain?: string; version: Int64 }[];
  graph: GraphProto;
}

/** ONNX's numbers for the element types that Concord uses. */
export const ELEMENT_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** Protobuf itself stops at 2 GiB; larger models keep their weights in external files. */
const MODEL_BYTES_MAX = 2 ** 31 - 1;

const modelType = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType("onnx.ModelProto");

/**
 * Reads a serialised ONNX model. Weight bytes are views into `bytes`, not copies.
 *
 * @param where Name of the file, for messages.
 * @throws {FormatError} when the bytes are not a protobuf message with a graph in it.
 */
export function decodeModel(bytes: Uint8Array, where = "model.onnx"): ModelProto {
  if (bytes.byteLength > MODEL_BYTES_MAX)
    throw new ConcordError(
      "format/too-large",
      `${where}: ${bytes.byteLength} bytes, above protobuf's 2 GiB`,
    );
  let message: protobuf.Message;
  try {
    const reader = protobuf.Reader.create(bytes);
    reader.discardUnknown = false;
    message = modelType.decode(reader);
  } catch (cause) {
    throw new FormatError(where, `not an ONNX model (${messageOf(cause)})`, { cause });
  }
  const model = message as unknown as ModelProto;
  if (!model.graph || model.graph.node.length === 0)
    throw new FormatError(where, "not an ONNX model: no graph with nodes in it");
  return model;
}

/** Serialises a model. @throws {ConcordError} `format/too-large` above protobuf's 2 GiB. */
export function encodeModel(model: ModelProto): Uint8Array {
  const bytes = modelType.encode(model as unknown as protobuf.Message).finish();
  if (bytes.byteLength > MODEL_BYTES_MAX)
    throw new ConcordError(
      "format/too-large",
      `The ONNX model takes ${bytes.byteLength} bytes, above protobuf's 2 GiB.`,
      { hint: "keep its weights in an external data file" },
    );
  return bytes;
}

/** A 64-bit integer as a number; exact up to 2⁵³. */
export function toNumber(value: Int64): number {
  return typeof value === "number" ? value : value.toNumber();
}
