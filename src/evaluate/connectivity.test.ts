import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import type { Sae } from "../sae/sae.ts";
import type { RowReader } from "../sources/source.ts";
import { connectivity } from "./connectivity.ts";

/** An SAE whose latents are the axes: a latent is active where its component is above 0. */
function axes(d: number): Sae {
  const identity = new Float32Array(d * d);
  for (let i = 0; i < d; i++) identity[i * d + i] = 1;
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn: d,
    dSae: d,
    encoder: identity,
    decoder: identity,
    encoderBias: new Float32Array(d),
    decoderBias: undefined,
  };
}

function rows(...all: readonly (readonly number[])[]): RowReader {
  return {
    rows: all.length,
    async read(start, out) {
      out.set(all.slice(start, start + out.length / all[0]!.length).flat());
    },
  };
}

const of = async (...all: readonly (readonly number[])[]) =>
  (await connectivity(reference, axes(all[0]!.length), rows(...all))).value;

describe("connectivity", () => {
  test("is the share of pairs that never fire in one row", async () => {
    // Of six pairs (0, 1) and (1, 2) do, the first of them twice.
    expect(await of([1, 1, 0, 0], [2, 1, -1, 0], [0, 1, 1, 0])).toBeCloseTo(4 / 6, 12);
  });

  test("is 1 where latents fire alone or not at all, and 0 where all fire at once", async () => {
    expect(await of([1, 0, 0], [0, 1, 0], [0, 0, 0])).toBe(1);
    expect(await of([1, 1, 1])).toBe(0);
  });

  test("does not depend on the order of rows, nor on how many there are in a batch", async () => {
    const all = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 9 }, (__, j) => ((i * 7 + j * 13) % 11 < 3 ? 1 : 0)),
    );
    expect(await of(...all)).toBe(await of(...all.toReversed()));
  });

  test("does not exist for one latent", async () => {
    expect(await connectivity(reference, axes(1), rows([1], [0]))).toEqual({
      value: undefined,
      rows: 2,
    });
  });

  test("can be interrupted between batches", async () => {
    const pause = () => Promise.reject(new Error("stop"));
    await expect(connectivity(reference, axes(2), rows([1, 1]), pause)).rejects.toThrow("stop");
  });
});
