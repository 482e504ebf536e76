import { describe, expect, test } from "vitest";
import { eventPrefix, eventRecord, versionRecord } from "./tfevents.ts";

const TIME = 1_700_000_000.25;
const at = (step: number) => eventRecord({ wallTime: TIME, step, scalars: [["fvu", 0.5]] });
const joined = (...records: Uint8Array[]) => new Uint8Array(Buffer.concat(records));

test("a record is its length, its bytes, and a checksum of each", () => {
  const record = versionRecord(TIME);
  const length = Number(new DataView(record.buffer).getBigUint64(0, true));
  expect(record.byteLength).toBe(8 + 4 + length + 4);
  expect(Buffer.from(record).includes("brain.Event:2")).toBe(true);
});

test("the same event has the same bytes", () => {
  expect(at(7)).toEqual(at(7));
  expect(at(7)).not.toEqual(at(8));
});

describe("the beginning of a file up to a step", () => {
  const head = versionRecord(TIME);
  const file = joined(head, at(1), at(5), at(9));

  test.each([
    [0, 0, head.byteLength],
    [1, 1, head.byteLength + at(1).byteLength],
    [8, 5, head.byteLength + at(1).byteLength + at(5).byteLength],
    [99, 9, file.byteLength],
  ])("of step %d ends at step %d", (step, lastStep, bytes) => {
    expect(eventPrefix(file, step)).toEqual({ lastStep, bytes });
  });

  test("leaves out a record that was cut off anywhere", () => {
    const whole = joined(head, at(1)).byteLength;
    for (let cut = 1; cut < at(5).byteLength; cut++) {
      const torn = file.subarray(0, whole + cut);
      expect(eventPrefix(torn, 99)).toEqual({ lastStep: 1, bytes: whole });
    }
  });

  test("ends before a record whose length or bytes are damaged", () => {
    const whole = joined(head, at(1)).byteLength;
    for (const place of [0, 8, 14, at(5).byteLength - 1]) {
      const damaged = file.slice();
      damaged[whole + place]! ^= 1;
      expect(eventPrefix(damaged, 99)).toEqual({ lastStep: 1, bytes: whole });
    }
  });

  test("of an empty file is empty", () => {
    expect(eventPrefix(new Uint8Array(0), 9)).toEqual({ bytes: 0, lastStep: 0 });
  });

  test("is found in a part of a larger array", () => {
    const padded = joined(new Uint8Array(3), file);
    expect(eventPrefix(padded.subarray(3), 5).lastStep).toBe(5);
  });
});

test("steps beyond 2³² are kept", () => {
  const file = joined(versionRecord(TIME), at(2 ** 40));
  expect(eventPrefix(file, 2 ** 41).lastStep).toBe(2 ** 40);
});
