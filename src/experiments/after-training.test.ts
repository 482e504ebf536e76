import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { abortable, pauseFor, trainingFvus } from "./after-training.ts";

describe("a pause", () => {
  test("lets a signal be heard that came meanwhile", async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await expect(pauseFor(stop.signal)).rejects.toMatchObject({
      code: "interrupted",
      hint: expect.stringContaining("--resume"),
    });
  });

  test("ends where nobody interrupts", async () => {
    await expect(pauseFor(new AbortController().signal)).resolves.toBeUndefined();
    await expect(pauseFor(undefined)).resolves.toBeUndefined();
  });
});

describe("rows that can be interrupted", () => {
  const read: [number, number, boolean][] = [];
  const rows = {
    rows: 7,
    hasTargets: true,
    async read(start: number, out: Float32Array, targets?: Float32Array) {
      read.push([start, out.length, targets !== undefined]);
    },
  };

  test("are read after each pause, with their targets", async () => {
    let pauses = 0;
    const reader = abortable(rows, async () => void pauses++);
    await reader.read(3, new Float32Array(4), new Float32Array(4));
    await reader.read(5, new Float32Array(2));
    expect([pauses, reader.rows, reader.hasTargets]).toEqual([2, 7, true]);
    expect(read).toEqual([
      [3, 4, true],
      [5, 2, false],
    ]);
  });

  test("are not read once somebody interrupts", async () => {
    const before = read.length;
    const reader = abortable(rows, () => Promise.reject(new Error("stop")));
    await expect(reader.read(0, new Float32Array(1))).rejects.toThrow("stop");
    expect(read).toHaveLength(before);
  });

  test("have no targets where there are none", () => {
    const { hasTargets: _, ...plain } = rows;
    expect(abortable(plain, async () => {})).not.toHaveProperty("hasTargets");
  });
});

describe("the FVU of the first and the last logged batch", () => {
  const of = async (text: string) => {
    const folder = new RunFolder(temporaryFolder());
    writeFileSync(folder.file("metrics.jsonl"), text);
    return trainingFvus(folder);
  };

  test("is that of each member", async () => {
    const text = [
      '{"step":1,"members":{"a":{"fvu":0.9},"b":{"fvu":0.8}}}',
      '{"step":5,"members":{"a":{"fvu":0.5},"b":{"fvu":0.4}}}',
      '{"step":9,"members":{"a":{"fvu":0.1},"b":{"fvu":0.2}}}',
    ];
    expect(await of(`${text.join("\n")}\n`)).toEqual(
      new Map([
        ["a", [0.9, 0.1]],
        ["b", [0.8, 0.2]],
      ]),
    );
  });

  test("is undefined where it was not a number", async () => {
    const text = '{"step":1,"members":{"a":{"fvu":null}}}\n{"step":2,"members":{"a":{}}}\n';
    expect(await of(text)).toEqual(new Map([["a", [undefined, undefined]]]));
  });

  test("of one logged step is the same twice, and of none is nothing", async () => {
    expect(await of('{"step":1,"members":{"a":{"fvu":0.5}}}\n')).toEqual(
      new Map([["a", [0.5, 0.5]]]),
    );
    expect(await of("")).toEqual(new Map());
  });
});
