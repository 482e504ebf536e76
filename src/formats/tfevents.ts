/**
 * @file TensorBoard's event files: protobuf messages (`tensorflow.Event`) in TFRecord framing, each
 *   record being
 *
 *   uint64 length · uint32 masked CRC-32C of the length · bytes ·
 *   uint32 masked CRC-32C of the bytes
 *   (little-endian)
 *
 * where masked(c) = rotate right(c, 15) + 0xA282EAD8. The first record of a file says its version.
 */

import protobuf from "protobufjs";
import { crc32c } from "./crc32c.ts";

const { Reader, Writer } = protobuf;

const VERSION = "brain.Event:2";
const HEAD_BYTES = 12;
const TAIL_BYTES = 4;

/** Field numbers of `tensorflow.Event`, with their wire types: field · 8 + type. */
const TAG = { wallTime: 9, step: 16, fileVersion: 26, summary: 42 } as const;
/** Of `Summary` and of `Summary.Value`. */
const VALUE_TAG = { value: 10, tag: 10, simpleValue: 21 } as const;

/** Scalars of one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** Tag and value; stored in float32. */
  readonly scalars: readonly (readonly [tag: string, value: number])[];
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEAD_BYTES + data.byteLength + TAIL_BYTES);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.byteLength), true);
  view.setUint32(8, masked(out.subarray(0, 8)), true);
  out.set(data, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + data.byteLength, masked(data), true);
  return out;
}

/** The record that an event file begins with. */
export function versionRecord(wallTime: number): Uint8Array {
  const event = Writer.create().uint32(TAG.wallTime).double(wallTime);
  return record(event.uint32(TAG.fileVersion).string(VERSION).finish());
}

/** The record of an event. */
export function eventRecord({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const event = Writer.create().uint32(TAG.wallTime).double(wallTime);
  event.uint32(TAG.step).int64(step).uint32(TAG.summary).fork();
  for (const [tag, value] of scalars)
    event
      .uint32(VALUE_TAG.value)
      .fork()
      .uint32(VALUE_TAG.tag)
      .string(tag)
      .uint32(VALUE_TAG.simpleValue)
      .float(value)
      .ldelim();
  return record(event.ldelim().finish());
}

function stepOf(data: Uint8Array): number | undefined {
  const reader = Reader.create(data);
  try {
    let step = 0;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === TAG.step) step = Number(reader.int64());
      else reader.skipType(tag & 7);
    }
    return step;
  } catch {
    return undefined;
  }
}

/** The beginning of an event file that is whole and of the first steps. */
export interface EventPrefix {
  readonly bytes: number;
  /** The last step in it; 0 without an event. */
  readonly lastStep: number;
}

/**
 * The complete records at the start of a file, of steps up to `step`. Incomplete, damaged and later
 * records are left out.
 */
export function eventPrefix(file: Uint8Array, step: number): EventPrefix {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let [at, lastStep] = [0, 0];
  while (at + HEAD_BYTES + TAIL_BYTES <= file.byteLength) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + HEAD_BYTES + length;
    if (view.getUint32(at + 8, true) !== masked(file.subarray(at, at + 8))) break;
    if (end + TAIL_BYTES > file.byteLength) break;
    const data = file.subarray(at + HEAD_BYTES, end);
    if (view.getUint32(end, true) !== masked(data)) break;
    const own = stepOf(data);
    if (own === undefined || own > step) break;
    lastStep = Math.max(lastStep, own);
    at = end + TAIL_BYTES;
  }
  return { bytes: at, lastStep };
}
