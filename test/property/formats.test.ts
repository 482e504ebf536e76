import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DTYPES } from "../../src/base/dtype.ts";
import type { Tensor } from "../../src/base/tensor.ts";
import { readJsonl, serializeJsonl } from "../../src/formats/jsonl.ts";
import { parseNpy, serializeNpy } from "../../src/formats/npy.ts";
import { parseSafetensors, serializeSafetensors } from "../../src/formats/safetensors.ts";
import { bytesOf } from "../../src/formats/typed-bytes.ts";
import {
  parseIndex,
  SHARD_DTYPES,
  serializeIndex,
  shardFile,
} from "../../src/sources/shards/shard-index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { anyTensor } from "../support/tensor-arbitrary.ts";

/** Equal as bytes: NaN payloads count. */
function expectSame(found: Tensor | undefined, wanted: Tensor): void {
  expect(found?.dtype).toBe(wanted.dtype);
  expect(found?.shape).toEqual(wanted.shape);
  expect(Buffer.from(bytesOf(found!.data))).toEqual(Buffer.from(bytesOf(wanted.data)));
}

/** Text without lone surrogates, which UTF-8 cannot hold. */
const text = fc.string({ unit: "binary", maxLength: 12 });

test("safetensors: parsing what was serialised gives the tensors and metadata back", () => {
  const names = text.filter((name) => name !== "__metadata__");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(names, anyTensor()), { selector: ([name]) => name, maxLength: 6 }),
      fc.dictionary(text, text, { maxKeys: 4 }),
      (entries, metadata) => {
        const tensors = new Map(entries);
        const bytes = serializeSafetensors(tensors, metadata);
        const parsed = parseSafetensors(bytes);
        expect(new Set(parsed.tensors.keys())).toEqual(new Set(tensors.keys()));
        for (const [name, wanted] of tensors) expectSame(parsed.tensors.get(name), wanted);
        expect(Object.entries(parsed.metadata).sort()).toEqual(Object.entries(metadata).sort());
        const again = serializeSafetensors(new Map(entries.toReversed()), parsed.metadata);
        expect(Buffer.from(again)).toEqual(Buffer.from(bytes));
      },
    ),
    { numRuns: 300 },
  );
});

test(".npy: parsing what was serialised gives the tensor back, in every version", () => {
  const dtypes = DTYPES.filter((dtype) => dtype !== "bfloat16");
  fc.assert(
    fc.property(
      anyTensor(dtypes),
      fc.constantFrom(1 as const, 2 as const, 3 as const),
      (t, version) => {
        const bytes = serializeNpy(t, version);
        expect((bytes.byteLength - t.data.byteLength) % 64).toBe(0);
        expectSame(parseNpy(bytes), t);
      },
    ),
    { numRuns: 300 },
  );
});

test("JSON Lines: parsing what was serialised gives the records back, wherever a crash cut it whole records", async () => {
  const path = join(temporaryFolder(), "x.jsonl");
  const parsed = async (text: string): Promise<unknown[]> => {
    writeFileSync(path, text);
    const records: unknown[] = [];
    for await (const record of readJsonl(path)) records.push(record);
    return records;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 }),
      fc.nat(),
      async (values, at) => {
        // As JSON holds them: −0 is 0.
        const records = JSON.parse(JSON.stringify(values)) as unknown[];
        const whole = serializeJsonl(records.map((value) => ({ value })));
        expect(await parsed(whole)).toEqual(records.map((value) => ({ value })));
        const cut = whole.slice(0, at % (whole.length + 1));
        const kept = await parsed(cut);
        const lines = cut.split("\n").length - 1;
        expect(kept.slice(0, lines)).toEqual(records.slice(0, lines).map((value) => ({ value })));
        expect(kept.length - lines).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 300 },
  );
});

test("index.json: parsing what was serialised gives the index back", () => {
  const index = fc
    .record({
      dtype: fc.constantFrom(...SHARD_DTYPES),
      dIn: fc.integer({ min: 1, max: 4096 }),
      groups: fc.integer({ min: 1, max: 4 }),
      groupRows: fc.integer({ min: 1, max: 64 }),
      complete: fc.boolean(),
      blocks: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
      tail: fc.nat(),
      checksum: fc.nat({ max: 0xffffffff }),
      fact: fc.jsonValue({ maxDepth: 2 }),
    })
    .map(({ dtype, dIn, groups, groupRows, complete, blocks, tail, checksum, fact }) => {
      const blockRows = groups * groupRows;
      const shards = blocks.map((count, n) => {
        const short = n === blocks.length - 1 ? tail % blockRows : 0;
        const checksums = Array.from({ length: count }, (_, i) => (checksum + i) >>> 0);
        return { file: shardFile(n), rows: count * blockRows - short, checksums };
      });
      const provenance = { kind: "test", fact: JSON.parse(JSON.stringify(fact)) };
      return { dtype, dIn, blockRows, groupRows, complete, shards, provenance };
    });
  fc.assert(
    fc.property(index, (wanted) => {
      expect(parseIndex(serializeIndex(wanted), "index.json")).toEqual(wanted);
    }),
    { numRuns: 200 },
  );
});
