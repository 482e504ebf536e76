/** What each kernel promises, worked by hand, on the reference and on every instruction set. */
import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import type { Backend } from "../backend.ts";
import { TYING } from "./update.ts";

const f32 = (...values: number[]) => Float32Array.from(values);
const i32 = (...values: number[]) => Int32Array.from(values);
/** To five digits: kernels differ in the last ones. */
const near = (values: ArrayLike<number>) =>
  Array.from(values, (v) => Number(v.toPrecision(5)) || 0);

/** The codes of rows by the k largest scores. */
async function topK(
  b: Backend,
  x: Float32Array,
  W: Float32Array,
  { k, relu = false, bias }: { k: number; relu?: boolean; bias?: Float32Array },
) {
  const dIn = 2;
  const [batch, dSae] = [x.length / dIn, W.length / dIn];
  const shape = { dIn, dSae, k };
  const packed = b.bytes(b.encoderPacking(shape).bytes);
  await b.packEncoder({ ...shape, W, packed });
  const [indices, values] = [b.int32(batch * k), b.float32(batch * k)];
  await b.encodeTopK({ ...shape, x, batch, W, bias, packed, margin: 4, relu, indices, values });
  return { indices: [...indices], values: near(values) };
}

async function positive(
  b: Backend,
  x: Float32Array,
  W: Float32Array,
  room: number,
  bias?: Float32Array,
) {
  const dIn = 2;
  const [batch, dSae] = [x.length / dIn, W.length / dIn];
  const packed = b.bytes(b.encoderPacking({ dIn, dSae, k: 0 }).bytes);
  await b.packEncoder({ dIn, dSae, k: 0, W, packed });
  const [indptr, indices, values] = [b.int32(batch + 1), b.int32(room), b.float32(room)];
  const args = { dIn, dSae, x, batch, W, bias, packed, indptr, indices, values };
  const nnz = await b.encodePositive(args);
  return { nnz, indptr: [...indptr], indices: [...indices], values: near(values) };
}

/** Adam's constants of the first step: both corrections undo the decay. */
const FIRST_STEP = {
  lr: 0.5,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-12,
  correction1: 0.1,
  correction2: 0.01,
};

describe.each(backendNames)("on %s", (name) => {
  const b = () => openNamed(name);

  describe("a matrix product", () => {
    // [1 2; 3 4] and [5 6; 7 8].
    const [a, m] = [f32(1, 2, 3, 4), f32(5, 6, 7, 8)];
    const of = async (more: object, c = f32(1, 1, 1, 1)) => {
      await b().gemm({ a, b: m, c, m: 2, n: 2, k: 2, ...more });
      return [...c];
    };

    test("turns either factor, and scales the product", async () => {
      expect(await of({})).toEqual([19, 22, 43, 50]);
      expect(await of({ transposeA: true })).toEqual([26, 30, 38, 44]);
      expect(await of({ transposeB: true })).toEqual([17, 23, 39, 53]);
      expect(await of({ alpha: 2, beta: 10 })).toEqual([48, 54, 96, 110]);
    });

    test("with beta 0 forgets what was there, NaN as well", async () => {
      expect(await of({}, f32(Number.NaN, Number.NaN, Number.NaN, Number.NaN))).toEqual([
        19, 22, 43, 50,
      ]);
    });
  });

  test("rows lose what is subtracted, and the first that is not finite is named", async () => {
    const of = async (x: Float32Array, offset?: Float32Array) => {
      const out = f32(0, 0, 0, 0, 0, 0);
      return [await b().center({ x, offset, batch: 3, dIn: 2, out }), [...out]];
    };
    expect(await of(f32(1, 2, 3, 4, 5, 6), f32(1, -1))).toEqual([-1, [0, 3, 2, 5, 4, 7]]);
    expect(await of(f32(1, 2, 3, 4, 5, 6))).toEqual([-1, [1, 2, 3, 4, 5, 6]]);
    const [bad] = await of(f32(1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, 6));
    expect(bad).toBe(1);
  });

  test("rows become unit rows, and rows of zeros stay", async () => {
    const rows = f32(3, 4, 0, 0, -5, 0);
    await b().normalizeRows({ rows, unit: rows, count: 3, columns: 2 });
    expect(near(rows)).toEqual([0.6, 0.8, 0, 0, -1, 0]);
  });

  test("scores above zero are kept, counted and summed; NaN stays NaN", async () => {
    const [scores, active, sum] = [f32(1, -2, 0, 3), i32(0, 0), f32(0, 0)];
    await b().biasRelu({ scores, bias: f32(0.5, 1), batch: 2, dSae: 2, active, sum });
    expect([...scores]).toEqual([1.5, 0, 0.5, 4]);
    expect([...active, ...sum]).toEqual([1, 2, 1.5, 4.5]);
    const bad = f32(Number.NaN, 1);
    await b().biasRelu({ scores: bad, batch: 1, dSae: 2, active: i32(0), sum: f32(0) });
    expect(bad[0]).toBeNaN();
  });

  test("a gradient passes where the code is above zero", async () => {
    const grad = f32(1, 2, 3);
    await b().maskGradient({ grad, code: f32(0.1, 0, -1), n: 3, scale: 2, l1: 0.25 });
    expect([...grad]).toEqual([2.25, 0, 0]);
  });

  test("rows are gathered by their index, in any order and as often as asked", async () => {
    const out = f32(0, 0, 0, 0, 0, 0);
    const matrix = f32(1, 2, 3, 4);
    await b().gatherRows({ matrix, index: i32(1, 0, 1), count: 3, columns: 2, out });
    expect([...out]).toEqual([3, 4, 1, 2, 3, 4]);
  });

  describe("the k largest scores", () => {
    const W = f32(1, 0, 0, 1, -1, 0, 1, 1);

    test("are kept by latent, with their signs or without", async () => {
      // Scores 2, −3, −2 and −1.
      expect(await topK(b(), f32(2, -3), W, { k: 2 })).toEqual({
        indices: [0, 3],
        values: [2, -1],
      });
      expect(await topK(b(), f32(2, -3), W, { k: 2, relu: true })).toEqual({
        indices: [0, 3],
        values: [2, 0],
      });
    });

    test("of equal scores are those of the lower latents", async () => {
      const same = f32(1, 0, 1, 0, 1, 0, 1, 0);
      expect((await topK(b(), f32(1, 0), same, { k: 2 })).indices).toEqual([0, 1]);
    });

    test("count a bias", async () => {
      const bias = f32(0, 0, 100, 0);
      expect(await topK(b(), f32(2, -3), W, { k: 1, bias })).toEqual({
        indices: [2],
        values: [98],
      });
    });

    test("of a row with NaN are refused by the row", async () => {
      await expect(topK(b(), f32(1, 1, 1, Number.NaN), W, { k: 1 })).rejects.toThrow("Row 1");
    });
  });

  describe("the scores above zero", () => {
    const W = f32(1, 0, 0, 1, -1, 0);

    test("are kept by row, ascending", async () => {
      expect(await positive(b(), f32(2, 3, -1, -1, 0, 0), W, 4)).toEqual({
        nnz: 3,
        indptr: [0, 2, 3, 3],
        indices: [0, 1, 2, 0],
        values: [2, 3, 1, 0],
      });
    });

    test("that do not fit are counted, and nothing is written", async () => {
      const { nnz, indices, values } = await positive(b(), f32(2, 3, -1, 1), W, 2);
      expect([nnz, indices, values]).toEqual([4, [0, 0], [0, 0]]);
    });

    test("count a bias", async () => {
      const { indptr, values } = await positive(b(), f32(0, 0), W, 3, f32(-1, 0.5, 2));
      expect([indptr, values.slice(0, 2)]).toEqual([
        [0, 2],
        [0.5, 2],
      ]);
    });
  });

  test("a code is decoded next to its target, with the gradient of its values", async () => {
    const [residual, rowLoss, codeGrad] = [f32(0, 0, 0, 0), f32(0, 0), f32(9, 9, 9)];
    await b().decode({
      batch: 2,
      dIn: 2,
      indptr: i32(0, 2, 3),
      indices: i32(0, 1, 1),
      values: f32(2, 1, -1),
      wDec: f32(1, 0, 0, 1),
      target: f32(1, 1, 0, 3),
      targetScale: 1,
      residual,
      rowLoss,
      codeGrad,
      residualScale: 2,
      l1: 0.5,
      positiveOnly: true,
    });
    // (2, 1) − (1, 1), and (0, −1) − (0, 3).
    expect(near(residual)).toEqual([1, 0, 0, -4]);
    expect(near(rowLoss)).toEqual([1, 16]);
    // 2 · ⟨residual, atom⟩ + 0.5, and nothing where the value is not positive.
    expect(near(codeGrad)).toEqual([2.5, 0.5, 0]);
  });

  test("a code is turned: rows of every latent, and its sums", async () => {
    const [latentIndptr, rows] = [i32(0, 0, 0, 0), i32(0, 0, 0)];
    const [latentValues, latentGrads, biasGrad] = [f32(0, 0, 0), f32(0, 0, 0), f32(0, 0, 0)];
    const [activeRows, magnitudes] = [i32(0, 0, 0), new Float64Array(3)];
    await b().transpose({
      batch: 2,
      dSae: 3,
      indptr: i32(0, 2, 3),
      indices: i32(0, 2, 2),
      values: f32(1, 0, -3),
      codeGrad: f32(10, 20, 30),
      latentIndptr,
      rows,
      latentValues,
      latentGrads,
      biasGrad,
      activeRows,
      magnitudes,
    });
    expect([...latentIndptr]).toEqual([0, 1, 1, 3]);
    expect([...rows]).toEqual([0, 0, 1]);
    expect([...latentValues]).toEqual([1, 0, -3]);
    expect([...latentGrads]).toEqual([10, 20, 30]);
    expect([...biasGrad]).toEqual([10, 0, 50]);
    // A latent that TopK kept at zero is not active.
    expect([...activeRows]).toEqual([1, 0, 1]);
    expect([...magnitudes]).toEqual([1, 0, 3]);
  });

  test("rows are summed with weights, and without them as they are", async () => {
    const of = async (weight?: Float32Array) => {
      const out = f32(0, 0);
      await b().weightedRowSum({ matrix: f32(1, 2, 3, 4), weight, rows: 2, columns: 2, out });
      return [...out];
    };
    expect(await of()).toEqual([4, 6]);
    expect(await of(f32(2, -1))).toEqual([-1, 0]);
  });

  test("every atom has its nearest in the other dictionary, the lower one of equal ones", async () => {
    const [bestOfA, bestOfB] = [f32(0, 0), f32(0, 0, 0)];
    const [partnerOfA, partnerOfB] = [i32(-1, -1), i32(-1, -1, -1)];
    await b().bestMatches({
      a: f32(1, 0, 0, 1),
      b: f32(0.6, 0.8, 0.6, 0.8, -1, 0),
      n: 2,
      m: 3,
      d: 2,
      bestOfA,
      partnerOfA,
      bestOfB,
      partnerOfB,
    });
    expect(near(bestOfA)).toEqual([0.6, 0.8]);
    expect([...partnerOfA]).toEqual([0, 0]);
    expect(near(bestOfB)).toEqual([0.8, 0.8, 0]);
    expect([...partnerOfB]).toEqual([1, 1, 1]);
  });

  describe("an assignment", () => {
    const of = async (n: number, m: number, similarity: number[], graph?: [number[], number[]]) => {
      const columnOfRow = i32(...new Array<number>(n).fill(-7));
      const indptr = graph?.[0] ?? Array.from({ length: n + 1 }, (_, r) => r * m);
      const left = await b().assign({
        n,
        m,
        indptr: i32(...indptr),
        columns: graph && i32(...graph[1]),
        similarity: f32(...similarity),
        v: new Float64Array(m),
        u: new Float64Array(n),
        margin: new Float64Array(n),
        columnOfRow,
      });
      return { left, columnOfRow: [...columnOfRow] };
    };

    test("has the largest total, not each row's best", async () => {
      // 0.9 + 0.1 is less than 0.8 + 0.7.
      expect(await of(2, 2, [0.9, 0.8, 0.7, 0.1])).toEqual({ left: 0, columnOfRow: [1, 0] });
    });

    test("leaves columns over where there are more", async () => {
      expect(await of(2, 3, [0.1, 0.2, 0.9, 0.3, 0.8, 0.9])).toEqual({
        left: 0,
        columnOfRow: [2, 1],
      });
    });

    test("of a graph says how many rows it leaves without a column", async () => {
      const both: [number[], number[]] = [
        [0, 1, 2],
        [0, 0],
      ];
      const { left, columnOfRow } = await of(2, 2, [0.5, 0.9], both);
      expect(left).toBe(1);
      expect(columnOfRow.filter((column) => column < 0)).toHaveLength(1);
    });
  });

  test("atoms are pulled across themselves, by the gradient of their own parameter", async () => {
    const of = async (parameter?: Float32Array) => {
      const out = f32(0, 0, 9, 9);
      await b().pullRows({
        unit: f32(1, 0, 0, 1),
        parameter,
        dSae: 2,
        dIn: 2,
        indptr: i32(0, 2, 2),
        partner: i32(0, 1),
        row: i32(1, 0),
        weight: f32(2, 1),
        partners: [f32(9, 9, 0.6, 0.8), f32(0, 1)],
        out,
      });
      return near(out);
    };
    // 2 (0.6, 0.8) + (0, 1), without its part along (1, 0); a latent without edges is not pulled.
    expect(await of()).toEqual([0, 2.6, 0, 0]);
    // A parameter twice as long turns half as much.
    expect(await of(f32(2, 0, 0, 1))).toEqual([0, 1.3, 0, 0]);
  });

  test("products of paired rows, by place or by index", async () => {
    const [a, other] = [f32(1, 2, 3, 4), f32(5, 6, 7, 8)];
    const of = async (index?: Int32Array) => {
      const out = f32(0, 0);
      await b().pairedDots({ a, b: other, index, count: 2, d: 2, out });
      return [...out];
    };
    expect(await of()).toEqual([17, 53]);
    expect(await of(i32(1, 0))).toEqual([23, 39]);
  });

  test("groups whose reach rises above a row's level are marked", async () => {
    const [above, most] = [i32(9, 9), f32(9, 9)];
    const reach = f32(0.1, 0.5, 0.2, 0.1);
    const rows = await b().raiseReach({
      reach,
      rows: 2,
      groups: 2,
      byRow: f32(0.1, 0),
      byGroup: f32(0, 0.1),
      level: f32(0.3, 0.3),
      above,
      most,
    });
    expect(rows).toBe(1);
    expect(near(reach)).toEqual([0.2, 0.7, 0.2, 0.2]);
    // The second bit of the first row.
    expect([...above]).toEqual([2, 0]);
    expect(near(most)).toEqual([0.7, 0.2]);
  });

  describe("a step of Adam", () => {
    test("moves by the learning rate at first, whatever the size of the gradient", async () => {
      const state = { parameter: f32(1, 1, 1), m: f32(0, 0, 0), v: f32(0, 0, 0) };
      const gradient = f32(1e-3, -50, 1);
      await b().updateVector({ ...state, gradient, clip: 1, n: 3, adam: FIRST_STEP });
      expect(near(state.parameter)).toEqual([0.5, 1.5, 0.5]);
      expect(near(state.m)).toEqual([1e-4, -5, 0.1]);
      expect(near(state.v)).toEqual([1e-8, 25, 0.01]);
    });

    test("leaves elements beyond n alone, and scales the gradient by clip", async () => {
      const state = { parameter: f32(1, 1), m: f32(0, 0), v: f32(0, 0) };
      const gradient = f32(2, 2);
      await b().updateVector({ ...state, gradient, clip: 0.5, n: 1, adam: FIRST_STEP });
      expect(near(state.m)).toEqual([0.1, 0]);
      expect(state.parameter[1]).toBe(1);
    });

    test("keeps decoder rows of length one, and names a latent that is not finite", async () => {
      const of = async (gradient: Float32Array) => {
        const unit = f32(1, 0, 0, 1);
        const raw = { parameter: unit, m: f32(0, 0, 0, 0), v: f32(0, 0, 0, 0) };
        const encoder = { parameter: f32(1, 0, 0, 1), m: f32(0, 0, 0, 0), v: f32(0, 0, 0, 0) };
        const moved = f32(0, 0);
        const bad = await b().update({
          dIn: 2,
          dSae: 2,
          tying: TYING.untiedUnit,
          encoder,
          raw,
          unit,
          sources: [],
          denseUnit: gradient,
          clip: 1,
          adam: FIRST_STEP,
          moved,
        });
        return { bad, unit: near(unit), moved: near(moved) };
      };
      // The part along the atom is taken off; across it Adam steps by 0.5: (1, −0.5) / |·|.
      const { bad, unit, moved } = await of(f32(7, 3, 0, 0));
      expect(bad).toBe(-1);
      expect(unit).toEqual([0.89443, -0.44721, 0, 1]);
      expect(moved[0]).toBeCloseTo(Math.hypot(1 - 0.894427, 0.447214), 5);
      expect(moved[1]).toBe(0);
      expect((await of(f32(0, 0, Number.NaN, 0))).bad).toBe(1);
    });
  });

  describe("stored rows", () => {
    test("are widened from any chunk, in any order", async () => {
      const chunks = [f32(1, 2, 3, 4), f32(5, 6)];
      const rows = { chunks, rowsPerChunk: 2, dtype: "float32" as const, columns: 2 };
      const out = f32(0, 0, 0, 0);
      await b().widenRows({ ...rows, index: i32(2, 0), count: 2, out });
      expect([...out]).toEqual([5, 6, 1, 2]);
      await b().widenRows({ ...rows, first: 1, count: 2, out });
      expect([...out]).toEqual([3, 4, 5, 6]);
    });

    test("are placed where their index says, and the others stay", async () => {
      const chunks = [f32(1, 2, 3, 4), f32(5, 6)];
      const from = f32(50, 60, 10, 20);
      await b().placeRows({
        chunks,
        rowsPerChunk: 2,
        from,
        columns: 2,
        index: i32(2, 0),
        count: 2,
      });
      expect(chunks.map((chunk) => [...chunk])).toEqual([
        [10, 20, 3, 4],
        [50, 60],
      ]);
    });

    test("name the first number that their type cannot hold", async () => {
      const of = (x: Float32Array, dtype: "float16" | "bfloat16" | "float32") =>
        b().narrow({ x, dtype });
      expect(await of(f32(1, 65504, -65504), "float16")).toBe(-1);
      expect(await of(f32(1, 2, 65505, Number.NaN), "float16")).toBe(2);
      expect(await of(f32(1, 1e38, 3.4e38), "bfloat16")).toBe(2);
      expect(await of(f32(Number.POSITIVE_INFINITY), "float32")).toBe(0);
    });
  });

  test("random numbers depend on their position alone", async () => {
    const of = async (start: number, length: number, more = {}) => {
      const out = b().float32(length);
      await b().fillRandom({ k0: 1, k1: 2, start, out, normal: false, ...more });
      return out;
    };
    const whole = await of(0, 20);
    expect([...(await of(7, 5))]).toEqual([...whole.subarray(7, 12)]);
    expect(whole.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(near(await of(0, 20, { scale: 10 }))).toEqual(near(whole.map((v) => 10 * v)));
  });
});
