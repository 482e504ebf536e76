/** Measures on codes and activations are those of numpy and SciPy on the same rows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/base/tensor.ts";
import { CodeAgreement } from "../../../src/consistency/lab/codes/code-agreement.ts";
import {
  liveLatents,
  matchByCorrelation,
} from "../../../src/consistency/lab/codes/correlation-matching.ts";
import { frequencyDeciles } from "../../../src/consistency/lab/codes/frequency-deciles.ts";
import { KeptCodes } from "../../../src/consistency/lab/codes/kept-codes.ts";
import type { RowSet } from "../../../src/experiments/compare/rows/row-sets.ts";
import { FittedMaps, transferBetween } from "../../../src/experiments/compare/transfer/transfer.ts";
import type { TransferFvu } from "../../../src/experiments/compare/transfer/transfer-trial.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { effectiveRank } from "../../../src/linalg/effective-rank.ts";
import { PairedMoments } from "../../../src/linalg/paired-moments.ts";
import type { Sae } from "../../../src/sae/sae.ts";
import { rowsInMemory } from "../../../src/sources/rows/stored-rows.ts";
import { backendNames, openNamed } from "../../support/backends.ts";
import { codeOf } from "../../support/code-of.ts";

const HERE = import.meta.dirname;
const EXPECTED = JSON.parse(readFileSync(join(HERE, "expected.json"), "utf8"));

let tensors: ReadonlyMap<string, Tensor>;
beforeAll(async () => {
  ({ tensors } = await readSafetensors(join(HERE, "rows.safetensors")));
});

function matrix(name: string): { rows: number; columns: number; data: Float32Array } {
  const { shape, data } = tensors.get(name)!;
  return { rows: shape[0]!, columns: shape[1]!, data: data as Float32Array };
}

/** A code in two pieces of unequal length. */
function kept(name: string): KeptCodes {
  const { rows, columns, data } = matrix(name);
  const codes = new KeptCodes(columns);
  for (const [from, to] of [
    [0, 200],
    [200, rows],
  ] as const)
    codes.append(codeOf(data.subarray(from * columns, to * columns), columns));
  return codes;
}

function setOf(name: string): RowSet {
  const { columns, data } = matrix(`rows.${name}`);
  const rows = rowsInMemory("float32", columns, data);
  return { name, rows, parts: [{ name, rows }], tokens: undefined, saes: [] };
}

function saeOf(name: string): Sae {
  const { rows: dSae, columns: dIn, data: decoder } = matrix(`${name}.decoder`);
  return {
    dSae,
    dIn,
    decoder,
    architecture: "relu",
    selection: { kind: "relu" },
    encoder: matrix(`${name}.encoder`).data,
    encoderBias: matrix(`${name}.encoder_bias`).data,
    decoderBias: matrix(`${name}.decoder_bias`).data,
  };
}

function expectFvu(found: TransferFvu, expected: Record<string, number>): void {
  for (const name of Object.keys(found) as (keyof TransferFvu)[]) {
    const wanted = expected[name];
    if (wanted === undefined) expect(found[name], name).toBeUndefined();
    else expect(Math.abs(found[name]! - wanted), name).toBeLessThan(1e-5 * Math.max(1, wanted));
  }
}

describe.each([...backendNames])("on %s", (backendName) => {
  test.each(["found", "turned", "shifted"])("latents matched by correlation: %s", async (which) => {
    const backend = openNamed(backendName);
    const names = which === "turned" ? ["code.b", "code.a"] : ["code.a", "code.b"];
    const [a, b] = names.map(kept) as [KeptCodes, KeptCodes];
    const expected = EXPECTED.codes[which];
    const live = liveLatents(a, b);
    expect(live.map(({ all }) => all)).toEqual(expected.live);
    const latents = [live[0].latents, live[1].latents] as const;
    const shift = which === "shifted" ? EXPECTED.codes.shift : 0;
    const matching = await matchByCorrelation(backend, a, b, latents, shift);
    expect(matching.mean).toBeCloseTo(expected.mean, 6);
    const partners = Array.from(matching.partnerOfA.entries()).filter(([, j]) => j >= 0);
    const byFirst = ([i]: readonly number[], [j]: readonly number[]) => i! - j!;
    expect(partners).toEqual(expected.partners.toSorted(byFirst));
    for (const [g, decile] of frequencyDeciles(a, b, matching).entries()) {
      expect(decile.pairs).toBe(expected.deciles[g].pairs);
      expect(decile.density).toBeCloseTo(expected.deciles[g].density, 10);
      expect(decile.correlation).toBeCloseTo(expected.deciles[g].correlation, 5);
    }
    if (shift > 0) return;
    const { partnerOfA } = matching;
    const agreement = new CodeAgreement([a.latents, b.latents], [{ a: 0, b: 1, partnerOfA }]);
    for (const [i, piece] of a.pieces.entries()) agreement.add([piece, b.pieces[i]]);
    expect(agreement.numbers()[0]!.jaccard).toBeCloseTo(expected.jaccard, 10);
    expect(agreement.numbers()[0]!.correlation).toBeCloseTo(expected.mean, 6);
  });

  test.each([0, 1, 2])("transfer between places: pair %i", async (at) => {
    const backend = openNamed(backendName);
    const expected = EXPECTED.transfers[at];
    const nothing = async () => {};
    const transfer = await transferBetween(
      backend,
      { sae: saeOf(expected.a), set: setOf(expected.a) },
      { sae: saeOf(expected.b), set: setOf(expected.b) },
      new FittedMaps(backend, nothing),
      nothing,
    );
    expectFvu(transfer.aOnB, expected.a_on_b);
    expectFvu(transfer.bOnA, expected.b_on_a);
    expect(transfer.mccProcrustes).toBeCloseTo(expected.mcc, 5);
    expect(transfer.conditioning[0].condition / expected.b_on_a.condition).toBeCloseTo(1, 4);
    expect(transfer.conditioning[1].condition / expected.a_on_b.condition).toBeCloseTo(1, 4);
    expect([transfer.fittedOn, transfer.triedOn]).toEqual([200, 200]);
  });

  test.each(["x", "y", "z"])("effective rank of %s", async (name) => {
    const backend = openNamed(backendName);
    const { rows, columns, data } = matrix(`rows.${name}`);
    const moments = new PairedMoments(backend, columns);
    for (let start = 0; start < rows; start += 150) {
      const count = Math.min(150, rows - start);
      await moments.add(data.subarray(start * columns, (start + count) * columns), count);
    }
    const found = effectiveRank(moments.covariance(), columns);
    expect(found!.effectiveRank).toBeCloseTo(EXPECTED.effective_rank[name], 4);
  });
});
