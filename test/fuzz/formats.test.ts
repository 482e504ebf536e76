import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.ts";
import { readJsonl } from "../../src/formats/jsonl.ts";
import { openNpy, parseNpy, serializeNpy } from "../../src/formats/npy.ts";
import { parseSafetensors, serializeSafetensors } from "../../src/formats/safetensors.ts";
import { readSafetensors } from "../../src/formats/safetensors-file.ts";
import { bytesOf } from "../../src/formats/typed-bytes.ts";
import { openArraySource } from "../../src/sources/arrays/array-source.ts";
import { parseIndex, serializeIndex } from "../../src/sources/shards/shard-index.ts";
import { openShardSource } from "../../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { numberedRows } from "../support/stored-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { INDEX, JSONL, NPY, SAFETENSORS } from "./corpus.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** How many files this process has open, where the system tells. */
function openFiles(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
}

/** That a tensor holds no more than the file did. */
function requireWithin(t: Tensor, bytes: Uint8Array): void {
  expect(t.data.byteLength).toBeLessThanOrEqual(bytes.byteLength);
}

describe("damaged bytes parse or are refused in a line", () => {
  test("safetensors", async () => {
    const survival = await survives(damaged(SAFETENSORS, 700), (bytes) => {
      const { tensors, metadata } = parseSafetensors(bytes, "x");
      for (const t of tensors.values()) requireWithin(t, bytes);
      const again = parseSafetensors(serializeSafetensors(tensors, metadata), "y");
      for (const [name, t] of tensors)
        expect(Buffer.from(bytesOf(again.tensors.get(name)!.data))).toEqual(Buffer.from(bytesOf(t.data))); // biome-ignore format: one line
    });
    expect(survival.parsed).toBeGreaterThan(25);
    expect(survival.refused).toBeGreaterThan(1000);
  });

  test(".npy", async () => {
    const survival = await survives(damaged(NPY, 300), (bytes) => {
      const t = parseNpy(bytes, "x");
      requireWithin(t, bytes);
      expect(parseNpy(serializeNpy(t), "y").shape).toEqual(t.shape);
    });
    expect(survival.parsed).toBeGreaterThan(25);
    expect(survival.refused).toBeGreaterThan(1000);
  });

  test("JSON Lines", async () => {
    const path = join(temporaryFolder(), "x.jsonl");
    const survival = await survives(damaged(JSONL, 700), async (bytes) => {
      writeFileSync(path, bytes);
      for await (const _ of readJsonl(path));
    });
    expect(survival.parsed).toBeGreaterThan(25);
    expect(survival.refused).toBeGreaterThan(100);
  });

  test("index.json of a store", async () => {
    const survival = await survives(damaged(INDEX, 1500), (bytes) => {
      const index = parseIndex(text(bytes), "x");
      expect(parseIndex(serializeIndex(index), "y")).toEqual(index);
    });
    expect(survival.parsed).toBeGreaterThan(25);
    expect(survival.refused).toBeGreaterThan(1000);
  });
});

describe("damaged files open or are refused in a line, and leave no file open", () => {
  test.each([
    ["x.safetensors", SAFETENSORS],
    ["x.npy", NPY],
  ] as const)("%s as tensors and as a source", async (name, seeds) => {
    const path = join(temporaryFolder(), name);
    const before = openFiles();
    await survives(damaged(seeds, 30), async (bytes) => {
      writeFileSync(path, bytes);
      if (name === "x.npy") {
        const file = await openNpy(path);
        await file.read().finally(() => file.close());
      } else await readSafetensors(path);
    });
    await survives(damaged(seeds, 20), async (bytes) => {
      writeFileSync(path, bytes);
      const source = await openArraySource({ path });
      try {
        await source.train.next(new Float32Array(source.dIn));
        await source.heldOut.read(0, new Float32Array(source.dIn));
      } finally {
        await source.close();
      }
    });
    expect(openFiles()).toBe(before);
  });

  test("JSON Lines", async () => {
    const path = join(temporaryFolder(), "x.jsonl");
    const before = openFiles();
    await survives(damaged(JSONL, 100), async (bytes) => {
      writeFileSync(path, bytes);
      for await (const _ of readJsonl(path));
    });
    expect(openFiles()).toBe(before);
  });

  test("a store, its index or a shard damaged", async () => {
    const folder = temporaryFolder();
    const [dIn, blockBytes] = [4, 4 * 8 * 2];
    const make = { folder, dIn, dtype: "float16", provenance: { kind: "test" }, blockBytes, shardBytes: 3 * blockBytes } as const; // biome-ignore format: one line
    const writer = await openShardWriter(make);
    await writer.append(numberedRows(70, dIn));
    await writer.finish();
    const names = ["index.json", "shard-00000.bin", "shard-00002.bin"];
    const before = openFiles();
    for (const name of names) {
      const good = readFileSync(join(folder, name));
      const survival = await survives(damaged([[name, good]], 150), async (bytes) => {
        writeFileSync(join(folder, name), bytes);
        const source = await openShardSource({ folder, allowIncomplete: true });
        try {
          const rows = source.train.rowsPerPass!;
          await source.train.next(new Float32Array(Math.min(rows, 200) * source.dIn));
          const heldOut = Math.min(source.heldOut.rows, 200);
          await source.heldOut.read(0, new Float32Array(heldOut * source.dIn));
          // Whatever was served without complaint is what was stored.
          if (name !== "index.json") expect(Buffer.from(bytes)).toEqual(good);
        } finally {
          await source.close();
        }
      });
      expect(survival.refused).toBeGreaterThan(100);
      writeFileSync(join(folder, name), good);
    }
    expect(openFiles()).toBe(before);
  });
});
