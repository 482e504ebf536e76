/** The lab's measures are those of numpy and SciPy on the same weights. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { atomsOf } from "../../../src/consistency/lab/atoms.ts";
import { measurePair } from "../../../src/consistency/lab/pair-measures.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

const HERE = import.meta.dirname;

interface Expected {
  readonly a: number;
  readonly b: number;
  readonly mean_max: readonly [number, number];
  readonly mcc: number;
  readonly mcc_abs: number;
  readonly mcc_encoder: number;
  readonly shared: readonly number[];
}

const PAIRS: readonly Expected[] = JSON.parse(readFileSync(join(HERE, "pairs.json"), "utf8"));

async function atoms(backend: Parameters<typeof atomsOf>[0], i: number) {
  const { tensors } = await readSafetensors(join(HERE, "saes.safetensors"));
  const matrix = (name: string) => tensors.get(`${i}.${name}`)!;
  const [dSae, dIn] = matrix("decoder").shape as [number, number];
  const encoder = matrix("encoder").data as Float32Array;
  const decoder = matrix("decoder").data as Float32Array;
  return atomsOf(backend, { encoder, decoder, dSae, dIn });
}

describe.each([...backendNames])("on %s", (name) => {
  test.each(PAIRS)("SAEs $a and $b", async (expected) => {
    const backend = openNamed(name);
    const found = await measurePair(
      backend,
      await atoms(backend, expected.a),
      await atoms(backend, expected.b),
    );
    expect(found.meanMax[0]).toBeCloseTo(expected.mean_max[0], 5);
    expect(found.meanMax[1]).toBeCloseTo(expected.mean_max[1], 5);
    expect(found.mcc).toBeCloseTo(expected.mcc, 5);
    expect(found.mccAbs).toBeCloseTo(expected.mcc_abs, 5);
    expect(found.mccEncoder).toBeCloseTo(expected.mcc_encoder, 5);
    expect(found.shared).toEqual(expected.shared);
    // What is shared is neither all nor nothing, so that the rule is tested.
    expect(found.shared[1]).toBeGreaterThan(0);
    expect(found.shared[1]).toBeLessThan(0.9);
  });
});
