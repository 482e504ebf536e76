/**
 * @file The part of the ONNX protobuf schema that Concord reads and writes, as a protobufjs
 *   descriptor. It has the message names, field names and field numbers of `onnx.proto` (proto2, IR
 *   version 14), with camelCase names. Left out: training information, multi-device sharding and
 *   tensor segments, which no inference graph needs and which are dropped when a model is read.
 *
 * The field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, copyright
 * ONNX Project Contributors, Apache-2.0.
 */

import type { IField, INamespace, IType } from "protobufjs";

/** Type, number and rule of a field in protobufjs's words. */
function field(type: string, id: number, rule?: "repeated" | "packed"): IField {
  if (rule === undefined) return { type, id };
  return {
    type,
    id,
    rule: "repeated",
    ...(rule === "packed" ? { options: { packed: true } } : {}),
  };
}

/**
 * A top-level message. Left unsaid, protobufjs would take proto3 rules and drop fields that hold
 * their default, such as `i: 0`, on which ONNX readers insist.
 */
function message(fields: Record<string, IField>, rest: Omit<IType, "fields"> = {}): IType {
  return { edition: "proto2", fields, ...rest };
}

export const ONNX_SCHEMA: INamespace = {
  nested: {
    onnx: {
      nested: {
        StringStringEntryProto: message({ key: field("string", 1), value: field("string", 2) }),
        OperatorSetIdProto: message({ domain: field("string", 1), version: field("int64", 2) }),
        AttributeProto: message({
          name: field("string", 1),
          refAttrName: field("string", 21),
          docString: field("string", 13),
          type: field("int32", 20),
          f: field("float", 2),
          i: field("int64", 3),
          s: field("bytes", 4),
          t: field("TensorProto", 5),
          g: field("GraphProto", 6),
          sparseTensor: field("SparseTensorProto", 22),
          tp: field("TypeProto", 14),
          floats: field("float", 7, "repeated"),
          ints: field("int64", 8, "repeated"),
          strings: field("bytes", 9, "repeated"),
          tensors: field("TensorProto", 10, "repeated"),
          graphs: field("GraphProto", 11, "repeated"),
          sparseTensors: field("SparseTensorProto", 23, "repeated"),
          typeProtos: field("TypeProto", 15, "repeated"),
        }),
        ValueInfoProto: message({
          name: field("string", 1),
          type: field("TypeProto", 2),
          docString: field("string", 3),
          metadataProps: field("StringStringEntryProto", 4, "repeated"),
        }),
        NodeProto: message({
          input: field("string", 1, "repeated"),
          output: field("string", 2, "repeated"),
          name: field("string", 3),
          opType: field("string", 4),
          attribute: field("AttributeProto", 5, "repeated"),
          docString: field("string", 6),
          domain: field("string", 7),
          overload: field("string", 8),
          metadataProps: field("StringStringEntryProto", 9, "repeated"),
        }),
        FunctionProto: message({
          name: field("string", 1),
          input: field("string", 4, "repeated"),
          output: field("string", 5, "repeated"),
          attribute: field("string", 6, "repeated"),
          node: field("NodeProto", 7, "repeated"),
          docString: field("string", 8),
          opsetImport: field("OperatorSetIdProto", 9, "repeated"),
          domain: field("string", 10),
          attributeProto: field("AttributeProto", 11, "repeated"),
          valueInfo: field("ValueInfoProto", 12, "repeated"),
          overload: field("string", 13),
          metadataProps: field("StringStringEntryProto", 14, "repeated"),
        }),
        ModelProto: message({
          irVersion: field("int64", 1),
          producerName: field("string", 2),
          producerVersion: field("string", 3),
          domain: field("string", 4),
          modelVersion: field("int64", 5),
          docString: field("string", 6),
          graph: field("GraphProto", 7),
          opsetImport: field("OperatorSetIdProto", 8, "repeated"),
          metadataProps: field("StringStringEntryProto", 14, "repeated"),
          functions: field("FunctionProto", 25, "repeated"),
        }),
        TensorAnnotation: message({
          tensorName: field("string", 1),
          quantParameterTensorNames: field("StringStringEntryProto", 2, "repeated"),
        }),
        GraphProto: message({
          node: field("NodeProto", 1, "repeated"),
          name: field("string", 2),
          initializer: field("TensorProto", 5, "repeated"),
          docString: field("string", 10),
          input: field("ValueInfoProto", 11, "repeated"),
          output: field("ValueInfoProto", 12, "repeated"),
          valueInfo: field("ValueInfoProto", 13, "repeated"),
          quantizationAnnotation: field("TensorAnnotation", 14, "repeated"),
          sparseInitializer: field("SparseTensorProto", 15, "repeated"),
          metadataProps: field("StringStringEntryProto", 16, "repeated"),
        }),
        TensorProto: message({
          dims: field("int64", 1, "repeated"),
          dataType: field("int32", 2),
          floatData: field("float", 4, "packed"),
          int32Data: field("int32", 5, "packed"),
          stringData: field("bytes", 6, "repeated"),
          int64Data: field("int64", 7, "packed"),
          name: field("string", 8),
          rawData: field("bytes", 9),
          doubleData: field("double", 10, "packed"),
          uint64Data: field("uint64", 11, "packed"),
          docString: field("string", 12),
          externalData: field("StringStringEntryProto", 13, "repeated"),
          dataLocation: field("int32", 14),
          metadataProps: field("StringStringEntryProto", 16, "repeated"),
        }),
        SparseTensorProto: message({
          values: field("TensorProto", 1),
          indices: field("TensorProto", 2),
          dims: field("int64", 3, "repeated"),
        }),
        TensorShapeProto: message(
          { dim: field("Dimension", 1, "repeated") },
          {
            nested: {
              Dimension: {
                oneofs: { value: { oneof: ["dimValue", "dimParam"] } },
                fields: {
                  dimValue: field("int64", 1),
                  dimParam: field("string", 2),
                  denotation: field("string", 3),
                },
              },
            },
          },
        ),
        TypeProto: message(
          {
            tensorType: field("Tensor", 1),
            sequenceType: field("Sequence", 4),
            mapType: field("Map", 5),
            denotation: field("string", 6),
            opaqueType: field("Opaque", 7),
            sparseTensorType: field("Tensor", 8),
            optionalType: field("Sequence", 9),
          },
          {
            oneofs: {
              value: {
                oneof: [
                  "tensorType",
                  "sequenceType",
                  "mapType",
                  "optionalType",
                  "sparseTensorType",
                  "opaqueType",
                ],
              },
            },
            nested: {
              Tensor: {
                fields: { elemType: field("int32", 1), shape: field("TensorShapeProto", 2) },
              },
              Sequence: { fields: { elemType: field("TypeProto", 1) } },
              Map: { fields: { keyType: field("int32", 1), valueType: field("TypeProto", 2) } },
              Opaque: { fields: { domain: field("string", 1), name: field("string", 2) } },
            },
          },
        ),
      },
    },
  },
};
