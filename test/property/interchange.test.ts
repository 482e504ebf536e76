/**
 * Every format gives back the weights and the codes of every SAE that it keeps, bit by bit, and
 * refuses every other by name.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../src/backend/reference/reference-backend.ts";
import { integerAt, normalAt, randomStream } from "../../src/base/philox.ts";
import { convertSae } from "../../src/interchange/convert.ts";
import { SAE_FORMAT_NAMES, type SaeFormatName } from "../../src/interchange/format-names.ts";
import { findSae, readSae, SAE_FORMATS } from "../../src/interchange/formats.ts";
import { checkProbe } from "../../src/interchange/probe.ts";
import { saveSae } from "../../src/interchange/saelens.ts";
import { openSaeRunner, type Sae, type SaeSelection } from "../../src/sae/sae.ts";
import { filesBelow } from "../support/cli.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const backend = referenceBackend();
const ROWS = 16;

type Case = readonly [name: string, sae: (seed: number) => Sae];

function sae(seed: number, select: (dSae: number) => SaeSelection, more: Partial<Sae> = {}): Sae {
  const sizes = randomStream(seed, "sizes");
  const [dIn, dSae] = [2 + integerAt(sizes, 0, 9), 4 + integerAt(sizes, 1, 30)];
  // Numbers of many sizes, so that sums are rounded.
  const drawn = (name: string, length: number) =>
    normals(`${seed} ${name}`, length).map((v, i) => v * 10 ** (integerAt(sizes, 2 + i, 5) - 2));
  const selection = select(dSae);
  return {
    architecture: selection.kind,
    selection,
    dIn,
    dSae,
    encoder: drawn("encoder", dSae * dIn),
    decoder: drawn("decoder", dSae * dIn),
    encoderBias: drawn("bias", dSae),
    decoderBias: drawn("b_dec", dIn),
    ...more,
  };
}

const relu = () => ({ kind: "relu" }) as const;
const topk = () => ({ kind: "topk", k: 3, relu: true }) as const;
const signed = () => ({ kind: "topk", k: 3, relu: false }) as const;
const jumprelu = (dSae: number) => {
  const thresholds = Float32Array.from({ length: dSae }, (_, j) =>
    Math.abs(normalAt(randomStream(dSae, "thresholds"), j)),
  );
  return { kind: "jumprelu", thresholds } as const;
};
const layerNorm = { rowNormalization: "layer_norm" } as const;

const CASES: readonly Case[] = [
  ["relu", (seed) => sae(seed, relu)],
  ["relu of normalised rows", (seed) => sae(seed, relu, layerNorm)],
  ["topk", (seed) => sae(seed, topk)],
  ["topk of normalised rows", (seed) => sae(seed, topk, layerNorm)],
  ["topk with signs", (seed) => sae(seed, signed)],
  ["topk with signs of normalised rows", (seed) => sae(seed, signed, layerNorm)],
  ["topk without b_dec", (seed) => sae(seed, topk, { decoderBias: undefined })],
  ["jumprelu", (seed) => sae(seed, jumprelu)],
  ["jumprelu without b_dec", (seed) => sae(seed, jumprelu, { decoderBias: undefined })],
];

/** What each format keeps, so that a refusal cannot grow unnoticed. */
const KEPT: Readonly<Record<SaeFormatName, readonly string[]>> = {
  saelens: CASES.map(([name]) => name),
  dictionary_learning: ["relu", "topk", "topk without b_dec", "jumprelu", "jumprelu without b_dec"],
  sparsify: ["topk", "topk without b_dec"],
  gemma_scope: ["jumprelu", "jumprelu without b_dec"],
  gemma_scope_2: ["jumprelu", "jumprelu without b_dec"],
  // It keeps encoders that are more than one matrix, and these are one.
  concord: [],
  openai: ["relu", "topk of normalised rows", "topk with signs of normalised rows"],
};

/** All that decides what an SAE computes; no b_dec is one of zeros. */
function arithmetic({ selection, dIn, dSae, encoder, decoder, encoderBias, ...rest }: Sae) {
  const bits = (values: Float32Array) => [...new Uint32Array(Float32Array.from(values).buffer)];
  return {
    selection: "thresholds" in selection ? bits(selection.thresholds) : selection,
    dIn,
    dSae,
    encoder: bits(encoder),
    decoder: bits(decoder),
    encoderBias: bits(encoderBias),
    decoderBias: bits(rest.decoderBias ?? new Float32Array(dIn)),
    rowNormalization: rest.rowNormalization,
  };
}

async function codesOf(one: Sae) {
  const runner = await openSaeRunner(backend, one, ROWS);
  const x = normals("x", ROWS * one.dIn);
  const { indptr, indices, values } = await runner.encode(x, ROWS);
  const nnz = indptr[ROWS]!;
  return {
    indptr: [...indptr],
    indices: [...indices.subarray(0, nnz)],
    values: values.slice(0, nnz),
  };
}

test("every format is tried", () => {
  expect([...SAE_FORMAT_NAMES].sort()).toEqual(SAE_FORMATS.map(({ name }) => name).sort());
});

describe.each(SAE_FORMATS)("$name", (format) => {
  test.each(CASES)("%s", async (name, make) => {
    for (let seed = 0; seed < 8; seed++) {
      const made = make(seed);
      const [from, out, again] = ["from", "out", "again"].map((f) => join(temporaryFolder(), f));
      await saveSae(from!, made);
      const converted = convertSae(backend, from!, out!, format.name);
      if (!KEPT[format.name].includes(name)) {
        await expect(converted).rejects.toMatchObject({
          code: "argument/invalid",
          message: expect.stringMatching(
            new RegExp(`cannot be kept as ${format.name}, which .*\\.$`),
          ),
          hint: expect.stringMatching(/^Choose .*saelens/),
        });
        return;
      }
      await converted;
      const read = await readSae(backend, out!);
      expect(read.format).toBe(format.name);
      expect(arithmetic(read.sae)).toEqual(arithmetic(made));
      expect(await codesOf(read.sae)).toEqual(await codesOf(made));
      // Nothing but the files of the format and the probe, which is found there.
      expect(readdirSync(out!).sort()).toEqual([...format.written, "probe.safetensors"].sort());
      expect(await checkProbe(backend, out!, read.sae)).toBe(0);
      const [file] = (await findSae(out!))!.files;
      expect((await readSae(backend, join(out!, file!))).format).toBe(format.name);
      // Writing what was read gives the same bytes.
      await convertSae(backend, out!, again!, format.name);
      const noOrigin = /cfg\.json|config\.json/;
      expect(filesBelow(again!, noOrigin)).toEqual(filesBelow(out!, noOrigin));
      await convertSae(backend, out!, join(temporaryFolder(), "back"));
    }
  });
});
