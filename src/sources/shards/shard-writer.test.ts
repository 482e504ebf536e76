import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { SMALL_STORE } from "../../../test/support/collect-store.ts";
import { numberedRows } from "../../../test/support/stored-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { contents } from "../../../test/support/torn-store.ts";
import { readShardIndex } from "./read-index.ts";
import { openShardWriter, type ShardWriter, type ShardWriterOptions } from "./shard-writer.ts";

const D_IN = 4;
const ROWS = 75; // two shards of 32, then one of a block of 8 and a tail of 3
const DATA = numberedRows(ROWS, D_IN);
const STORE: Omit<ShardWriterOptions, "folder"> = SMALL_STORE;

const open = (folder: string, options: Partial<ShardWriterOptions> = {}): Promise<ShardWriter> =>
  openShardWriter({ folder, ...STORE, ...options });

/** Appends rows of DATA up to `end`, from wherever the writer stands. */
async function appendUpTo(writer: ShardWriter, end: number, batch = 5): Promise<void> {
  while (writer.rowsWritten < end) {
    const to = Math.min(end, writer.rowsWritten + batch);
    await writer.append(DATA.subarray(writer.rowsWritten * D_IN, to * D_IN));
  }
}

async function collect(folder: string, batch = 5): Promise<void> {
  const writer = await open(folder);
  await appendUpTo(writer, ROWS, batch);
  await writer.finish();
}

async function reference(): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  await collect(folder);
  return contents(folder);
}

test("a store is an index and shards of raw rows, whole blocks but at the end", async () => {
  const folder = temporaryFolder();
  await collect(folder);
  expect(Object.keys(contents(folder))).toEqual([
    "index.json",
    "shard-00000.bin",
    "shard-00001.bin",
    "shard-00002.bin",
  ]);
  const shards = [0, 1, 2].map((n) => readFileSync(join(folder, `shard-0000${n}.bin`)));
  expect(Buffer.concat(shards)).toEqual(Buffer.from(DATA.buffer));
  const index = await readShardIndex(folder);
  expect(index).toMatchObject({ dIn: 4, dtype: "float32", blockRows: 8, complete: true });
  expect(index.shards.map(({ rows, checksums }) => [rows, checksums.length])).toEqual([
    [32, 4],
    [32, 4],
    [11, 2],
  ]);
  expect(JSON.parse(readFileSync(join(folder, "index.json"), "utf8"))).toMatchObject({
    format: "concord-activations",
    version: 1,
    rows: 75,
    d_in: 4,
    provenance: { kind: "test" },
  });
});

test("the size of the appends does not change a byte", async () => {
  const wanted = await reference();
  for (const batch of [1, 8, 32, 75]) {
    const folder = temporaryFolder();
    await collect(folder, batch);
    expect(contents(folder)).toEqual(wanted);
  }
});

test("rows that fill the last block exactly need no tail", async () => {
  const folder = temporaryFolder();
  const writer = await open(folder);
  await appendUpTo(writer, 64);
  const index = await writer.finish();
  expect(index.shards.map((shard) => shard.rows)).toEqual([32, 32]);
  expect(readdirSync(folder).sort()).toEqual(["index.json", "shard-00000.bin", "shard-00001.bin"]);
});

test("groups never straddle blocks", async () => {
  const folder = temporaryFolder();
  const writer = await open(folder, { groupRows: 3 });
  await appendUpTo(writer, 30);
  expect(await writer.finish()).toMatchObject({ blockRows: 6, groupRows: 3 });
});

describe("a writer that was stopped", () => {
  test("continues at the last whole block, wherever it stopped", async () => {
    const wanted = await reference();
    for (let stop = 0; stop <= ROWS; stop += 3) {
      const folder = temporaryFolder();
      const first = await open(folder);
      await appendUpTo(first, stop);
      await first.close();
      const second = await open(folder);
      expect(second.rowsWritten).toBe(stop - (stop % 8));
      expect(second.isComplete).toBe(false);
      await appendUpTo(second, ROWS);
      await second.finish();
      expect(contents(folder)).toEqual(wanted);
    }
  });

  test("leaves no journal of a shard that was listed just before", async () => {
    const wanted = await reference();
    for (const stop of [40, ROWS]) {
      const folder = temporaryFolder();
      const first = await open(folder);
      await appendUpTo(first, stop);
      await (stop === ROWS ? first.finish() : first.close());
      const listed = stop === ROWS ? 2 : 0;
      writeFileSync(join(folder, `shard-0000${listed}.journal`), "{}\n");
      const second = await open(folder);
      if (!second.isComplete) {
        await appendUpTo(second, ROWS);
        await second.finish();
      }
      expect(contents(folder)).toEqual(wanted);
    }
  });

  test("drops a torn block, a torn journal line, and blocks whose bytes changed", async () => {
    const wanted = await reference();
    const folder = temporaryFolder();
    const writer = await open(folder);
    await appendUpTo(writer, 56); // shard 1 has blocks 0, 1, 2
    await writer.close();
    const partial = "shard-00001.bin.partial";
    const journal = "shard-00001.journal";
    const damage: [string, (copy: string) => void, number][] = [
      ["nothing", () => undefined, 56],
      ["a torn block", (copy) => truncateSync(join(copy, partial), 300), 48],
      ["a torn journal line", (copy) => truncateSync(join(copy, journal), 80), 48],
      ["a journal lost in a power cut", (copy) => writeFileSync(join(copy, journal), ""), 32],
      ["bytes beyond the journal", (copy) => appendTo(join(copy, partial), 50), 56],
      ["a flipped bit in block 1", (copy) => flipBit(join(copy, partial), 130), 40],
      ["a shard that lost its file", (copy) => truncateSync(join(copy, partial), 0), 32],
      ["a line of rubbish", (copy) => insertLine(join(copy, journal)), 40],
    ];
    for (const [what, hurt, left] of damage) {
      const copy = temporaryFolder();
      cpSync(folder, copy, { recursive: true });
      hurt(copy);
      const resumed = await open(copy);
      expect(resumed.rowsWritten, what).toBe(left);
      await appendUpTo(resumed, ROWS);
      await resumed.finish();
      expect(contents(copy), what).toEqual(wanted);
    }
  });

  test("picks up a shard that was renamed but not yet listed", async () => {
    const wanted = await reference();
    const folder = temporaryFolder();
    const writer = await open(folder);
    await appendUpTo(writer, 56);
    await writer.close();
    const partial = join(folder, "shard-00001.bin.partial");
    cpSync(partial, join(folder, "shard-00001.bin"));
    truncateSync(partial, 0);
    const resumed = await open(folder);
    expect(resumed.rowsWritten).toBe(56);
    await appendUpTo(resumed, ROWS);
    await resumed.finish();
    expect(contents(folder)).toEqual(wanted);
  });

  test("finishes a shard that was full but not yet listed", async () => {
    const wanted = await reference();
    const folder = temporaryFolder();
    const writer = await open(folder, { shardBytes: 2 ** 20 });
    await appendUpTo(writer, 32);
    await writer.close();
    const resumed = await open(folder);
    expect(resumed.rowsWritten).toBe(32);
    expect(existsSync(join(folder, "shard-00000.bin"))).toBe(true);
    await appendUpTo(resumed, ROWS);
    await resumed.finish();
    expect(contents(folder)).toEqual(wanted);
  });

  test("by kill −9, again and again, leaves the bytes of one that was not", async () => {
    const total = 3000;
    const unharmed = temporaryFolder();
    const writer = await open(unharmed);
    await writer.append(numberedRows(total, D_IN));
    await writer.finish();
    const folder = join(temporaryFolder(), "store");
    for (const lines of [30, 150, 77])
      expect(await collectAndKill(folder, total, lines)).toBe("killed");
    expect((await readShardIndex(folder)).complete).toBe(false);
    expect(await collectAndKill(folder, total, Number.POSITIVE_INFINITY)).toBe("finished");
    expect(contents(folder)).toEqual(contents(unharmed));
  });
});

/** Runs the collector in another process and kills it after it has printed `lines` lines. */
async function collectAndKill(
  folder: string,
  total: number,
  lines: number,
): Promise<"killed" | "finished"> {
  const script = resolve(import.meta.dirname, "../../../test/support/collect-store.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, folder, String(total)]);
  let printed = 0;
  let errors = "";
  child.stdout.on("data", (text: Buffer) => {
    printed += text.toString().split("\n").length - 1;
    if (printed >= lines) child.kill("SIGKILL");
  });
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
  });
  const signal = await new Promise((done) => child.on("close", (code, by) => done(by ?? code)));
  if (signal !== "SIGKILL" && signal !== 0) throw new Error(errors);
  return signal === 0 ? "finished" : "killed";
}

function appendTo(path: string, bytes: number): void {
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(bytes, 7)]));
}

function flipBit(path: string, byte: number): void {
  const bytes = readFileSync(path);
  bytes[byte]! ^= 1;
  writeFileSync(path, bytes);
}

function insertLine(journal: string): void {
  const lines = readFileSync(journal, "utf8").split("\n");
  writeFileSync(journal, [lines[0], "rubbish", ...lines.slice(1)].join("\n"));
}

describe("a finished store", () => {
  test("opened again says so, and takes no more rows", async () => {
    const folder = temporaryFolder();
    await collect(folder);
    const before = contents(folder);
    const writer = await open(folder);
    expect(writer).toMatchObject({ isComplete: true, rowsWritten: ROWS });
    await expect(writer.append(DATA)).rejects.toMatchObject({ code: "run/conflict" });
    await writer.finish();
    expect(contents(folder)).toEqual(before);
  });

  test("must have rows", async () => {
    const writer = await open(temporaryFolder());
    await expect(writer.finish()).rejects.toThrow(/a store must have rows/);
    await writer.close();
  });
});

describe("it refuses", () => {
  test.each([
    ["dtype", { dtype: "float16" }, /begun with dtype "float32", not "float16"/],
    ["d_in", { dIn: 8 }, /begun with d_in 4, not 8/],
    ["blocks", { blockBytes: 256 }, /begun with block_rows 8, not 16/],
    ["provenance", { provenance: { kind: "test", seed: 2 } }, /provenance.seed \(none\), not 2/],
  ] as const)("to continue with another %s", async (_, options, line) => {
    const folder = temporaryFolder();
    const writer = await open(folder);
    await appendUpTo(writer, 20);
    await writer.close();
    await expect(open(folder, options)).rejects.toMatchObject({
      code: "run/conflict",
      message: expect.stringMatching(line),
    });
    const same = await open(folder);
    expect(same.rowsWritten).toBe(16);
    await same.close();
  });

  test("a second writer, and takes over from one that is dead", async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await expect(open(folder)).rejects.toThrow(`being written by process ${process.pid}`);
    await first.close();
    const lock = JSON.parse(JSON.stringify({ host: (await import("node:os")).hostname() }));
    writeFileSync(join(folder, "writer.lock"), JSON.stringify({ ...lock, pid: 999_999_999 }));
    await (await open(folder)).close();
    writeFileSync(join(folder, "writer.lock"), JSON.stringify({ host: "elsewhere", pid: 1 }));
    await expect(open(folder)).rejects.toThrow(/process 1 on elsewhere/);
  });

  test("a folder with shards of unknown origin", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "shard-00000.bin"), "precious");
    await expect(open(folder)).rejects.toThrow(/has shard-00000.bin but no index.json/);
    expect(readFileSync(join(folder, "shard-00000.bin"), "utf8")).toBe("precious");
  });

  test("numbers that float16 cannot hold, taking none of the rows", async () => {
    const writer = await open(temporaryFolder(), { dtype: "float16" });
    await writer.append(new Float32Array(40).fill(65504));
    for (const [value, line] of [
      [65505, /row 11, column 2 is 65505, beyond ±65504, the range of float16/],
      [-7e4, /is -70000/],
      [Number.NaN, /row 11, column 2 is NaN/],
      [-Infinity, /is -Infinity/],
    ] as const) {
      const rows = new Float32Array(16);
      rows[6] = value;
      await expect(writer.append(rows)).rejects.toMatchObject({
        code: "numeric/not-finite",
        message: expect.stringMatching(line),
      });
    }
    expect(writer.rowsWritten).toBe(10);
    await writer.append(new Float32Array(4).fill(-65504));
    expect((await writer.finish()).shards[0]?.rows).toBe(11);
  });

  test("numbers that bfloat16 would round to infinity", async () => {
    const writer = await open(temporaryFolder(), { dtype: "bfloat16" });
    await writer.append(new Float32Array(4).fill(3.3895e38));
    await expect(writer.append(new Float32Array(4).fill(3.4e38))).rejects.toThrow(/bfloat16/);
    await writer.close();
  });

  test("rows of another width, and options out of range", async () => {
    const folder = temporaryFolder();
    const writer = await open(folder);
    await expect(writer.append(new Float32Array(5))).rejects.toThrow(/rows of d_in 4/);
    await writer.close();
    await expect(writer.append(new Float32Array(4))).rejects.toThrow(/closed/);
    for (const options of [{ dIn: 0 }, { dIn: 1.5 }, { groupRows: 0 }, { blockBytes: 2 ** 40 }])
      await expect(open(temporaryFolder(), options)).rejects.toMatchObject({
        code: "argument/invalid",
      });
    await expect(open(temporaryFolder(), { groupRows: 2 ** 30 })).rejects.toThrow(/for groupRows/);
  });
});

test("a disk that fails leaves a store that continues", async () => {
  const folder = temporaryFolder();
  const writer = await open(folder);
  await appendUpTo(writer, 27);
  // The journal of the next shard cannot be made: its name is taken by a folder.
  const { mkdirSync, rmSync } = await import("node:fs");
  mkdirSync(join(folder, "shard-00001.journal"));
  await expect(appendUpTo(writer, 40)).rejects.toMatchObject({ code: "argument/invalid" });
  await expect(writer.append(new Float32Array(4))).rejects.toThrow(/failed/);
  await writer.close();
  rmSync(join(folder, "shard-00001.journal"), { recursive: true });
  const resumed = await open(folder);
  expect(resumed.rowsWritten).toBe(32);
  await appendUpTo(resumed, ROWS);
  await resumed.finish();
  expect(contents(folder)).toEqual(await reference());
});
