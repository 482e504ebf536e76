import fc from "fast-check";
import { expect, test } from "vitest";
import { halfSplitRows } from "../../src/domains/language/catalogue/llama2c.ts";
import type { LanguageModel } from "../../src/domains/language/models/hooked-model.ts";
import { editDistance } from "../../src/domains/language/models/hooks.ts";
import { collectActivations } from "../../src/domains/language/source/collect.ts";
import { countRows, packDocuments, windowBatch } from "../../src/domains/language/text/packing.ts";
import { GraphBuilder } from "../../src/formats/onnx/graph-builder.ts";
import { decodeModel, encodeModel, toNumber } from "../../src/formats/onnx/messages.ts";
import { prefixUpTo, tensorNames } from "../../src/formats/onnx/surgery.ts";
import { inlineTensor, tensorValue } from "../../src/formats/onnx/tensors.ts";

const documents = fc.array(fc.array(fc.integer({ min: 2, max: 99 }), { maxLength: 30 }), {
  maxLength: 8,
});
const context = fc.integer({ min: 2, max: 12 });

test("packed windows hold every token once, in order, and all but the last are full", async () => {
  await fc.assert(
    fc.asyncProperty(documents, context, fc.boolean(), async (docs, contextLength, separated) => {
      const separatorId = separated ? 1 : undefined;
      const packed = await packDocuments(docs, { contextLength, separatorId, remainder: "keep" });
      const real: number[] = [];
      const owners: number[] = [];
      for (let w = 0; w < packed.windows; w++)
        for (let p = 0; p < packed.lengths[w]!; p++) {
          real.push(packed.ids[w * contextLength + p]!);
          owners.push(packed.documentOf[w * contextLength + p]!);
        }
      const lead = separated ? [1] : [];
      expect(real).toEqual(docs.flatMap((d) => [...lead, ...d]));
      expect(owners).toEqual(docs.flatMap((d, i) => [...lead, ...d].map(() => i)));
      expect([...packed.lengths].slice(0, -1).every((n) => n === contextLength)).toBe(true);
    }),
  );
});

test("in documents mode no window holds two documents and none is without its separator", async () => {
  await fc.assert(
    fc.asyncProperty(documents, context, async (docs, contextLength) => {
      const packed = await packDocuments(docs, {
        contextLength,
        separatorId: 1,
        mode: "documents",
      });
      const kept: number[] = [];
      for (let w = 0; w < packed.windows; w++) {
        const { ids, lengths, positions } = windowBatch(packed, w, w + 1);
        expect([ids[0], positions]).toEqual([1, lengths![0]]);
        kept.push(...ids.subarray(1, lengths![0]));
        const owners = packed.documentOf.subarray(
          w * contextLength,
          w * contextLength + lengths![0]!,
        );
        expect(new Set(owners).size).toBe(1);
      }
      expect(kept).toEqual(docs.flat());
    }),
  );
});

/** A model whose activation is its token and position, so that every row can be distinguished. */
const echo = {
  activationsAt: async (hooks: readonly string[], tokens: { ids: Int32Array; positions: number }) =>
    hooks.map(() =>
      Float32Array.from({ length: 2 * tokens.ids.length }, (_, i) =>
        i % 2 === 0 ? tokens.ids[i / 2]! : ((i - 1) / 2) % tokens.positions,
      ),
    ),
} as unknown as LanguageModel;

test("a collection resumed at any window yields the rest of the rows, whatever the batch", async () => {
  const batches = fc.integer({ min: 1, max: 5 });
  const modes = fc.constantFrom("packed" as const, "documents" as const);
  await fc.assert(
    fc.asyncProperty(
      documents,
      context,
      batches,
      modes,
      fc.boolean(),
      fc.nat(),
      async (docs, contextLength, batch, mode, skipSpecial, start) => {
        const packed = await packDocuments(docs, { contextLength, separatorId: 1, mode });
        const firstWindow = start % (packed.windows + 1);
        const gather = async (from: number, size: number) => {
          const rows: number[] = [];
          let firstRow: number | undefined;
          const options = { firstWindow: from, batch: size, skipSpecial };
          for await (const part of collectActivations(echo, "any", packed, options)) {
            firstRow ??= part.firstRow;
            rows.push(...part.rows);
          }
          return { rows, firstRow };
        };
        const whole = await gather(0, 1);
        const rest = await gather(firstWindow, batch);
        const before = countRows(packed, skipSpecial, 0, firstWindow);
        expect(whole.rows.length).toBe(2 * countRows(packed, skipSpecial));
        expect(rest.rows).toEqual(whole.rows.slice(2 * before));
        if (rest.firstRow !== undefined) expect(rest.firstRow).toBe(before);
      },
    ),
  );
});

test("an initialiser survives encode and decode bit for bit", () => {
  const floats = fc.float32Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(floats, (data) => {
      const b = new GraphBuilder();
      const weight = b.initializer(inlineTensor("w", [data.length], data));
      b.node("Neg", [weight], { output: "y" });
      b.output(tensorValue("y", "float32", [data.length]));
      const [tensor] = decodeModel(encodeModel(b.finish("g", 20))).graph.initializer;
      expect(tensor!.dims.map(toNumber)).toEqual([data.length]);
      const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      expect(Buffer.compare(tensor!.rawData!, bits)).toBe(0);
    }),
  );
});

test("a prefix holds exactly the nodes that lie behind its output", () => {
  const links = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(links, fc.nat(), (pairs, pick) => {
      const b = new GraphBuilder();
      b.input(tensorValue("t0", "float32", ["n"]));
      const parents = pairs.map(([x, y], i) => [x % (i + 1), y % (i + 1)] as const);
      for (const [i, [x, y]] of parents.entries())
        b.node("Add", [`t${x}`, `t${y}`], { output: `t${i + 1}` });
      const model = b.finish("g", 20);
      const wanted = 1 + (pick % pairs.length);
      const behind = new Set<number>();
      const visit = (t: number) => {
        if (t === 0 || behind.has(t)) return;
        behind.add(t);
        for (const parent of parents[t - 1]!) visit(parent);
      };
      visit(wanted);
      const expected = [...behind].sort((p, q) => p - q).map((t) => `t${t}`);
      expect(tensorNames(prefixUpTo(model, [`t${wanted}`]))).toEqual(expected);
    }),
  );
});

test("re-ordering rotary rows moves every row and loses none", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(sizes, ([heads, half]) => {
      const rows = Float32Array.from({ length: heads * 2 * half }, (_, i) => i);
      const moved = halfSplitRows(rows, 2 * half, 1);
      expect([...moved].sort((a, b) => a - b)).toEqual([...rows]);
      for (let head = 0; head < heads; head++)
        for (let i = 0; i < half; i++)
          expect(moved[head * 2 * half + half + i]! - moved[head * 2 * half + i]!).toBe(1);
    }),
  );
});

test("edit distance is a metric", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
