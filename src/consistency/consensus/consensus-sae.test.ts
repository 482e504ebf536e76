import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import type { Sae } from "../../sae/sae.ts";
import { atomsOf } from "../lab/atoms.ts";
import { groupLatents } from "./consensus.ts";
import { consensusSae } from "./consensus-sae.ts";

const [D_IN, D_SAE] = [6, 10];

function sae(extra: Partial<Sae> = {}): Sae {
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn: D_IN,
    dSae: D_SAE,
    encoder: normals("encoder", D_SAE * D_IN),
    decoder: normals("decoder", D_SAE * D_IN),
    encoderBias: normals("bias", D_SAE),
    decoderBias: normals("b_dec", D_IN),
    ...extra,
  };
}

async function consensusOf(saes: readonly Sae[]): Promise<Sae> {
  const dictionaries = [];
  for (const one of saes) dictionaries.push((await atomsOf(reference, one)).decoder);
  const groups = await groupLatents(reference, dictionaries, 0.9);
  return consensusSae(reference, saes, dictionaries, groups);
}

test("the consensus of an SAE with itself is that SAE, normalisation included", async () => {
  const one = sae({ rowNormalization: "layer_norm" });
  const made = await consensusOf([one, one]);
  expect(made.rowNormalization).toBe("layer_norm");
  expect(made.dSae).toBe(D_SAE);
  // Groups may come in another order: encoder times decoder, summed over latents, has none.
  const product = ({ encoder, decoder }: Sae) =>
    Array.from({ length: D_IN * D_IN }, (_, at) => {
      let sum = 0;
      for (let f = 0; f < D_SAE; f++)
        sum += encoder[f * D_IN + Math.floor(at / D_IN)]! * decoder[f * D_IN + (at % D_IN)]!;
      return sum;
    });
  const expected = product(one);
  for (const [i, value] of product(made).entries()) expect(value).toBeCloseTo(expected[i]!, 4);
});

test("SAEs of rows that are normalised differently are refused", async () => {
  await expect(consensusOf([sae(), sae({ rowNormalization: "layer_norm" })])).rejects.toThrow(
    'normalised in one way but found "none" and "layer_norm"',
  );
});

test("no group is refused, and the error says which options to lower", async () => {
  const one = sae();
  const dictionaries = [(await atomsOf(reference, one)).decoder];
  expect(() => consensusSae(reference, [one], dictionaries, [])).toThrow(
    "No latent is in enough of the SAEs.",
  );
});

test("b_dec is the mean over all SAEs, one without it counting as zero", async () => {
  const one = sae();
  const made = await consensusOf([one, sae({ decoderBias: undefined })]);
  for (const [i, b] of made.decoderBias!.entries())
    expect(b).toBeCloseTo(one.decoderBias![i]! / 2, 6);
  const without = sae({ decoderBias: undefined });
  expect((await consensusOf([without, without])).decoderBias).toBeUndefined();
});

test("the length of an atom moves into its encoder, so that scores fit atoms of length one", async () => {
  const long = sae({ decoder: sae().decoder.map((v) => 3 * v) });
  const [plain, scaled] = [await consensusOf([sae()]), await consensusOf([long])];
  for (const [i, v] of plain.decoder.entries()) expect(scaled.decoder[i]).toBeCloseTo(v, 5);
  for (const [i, v] of plain.encoder.entries()) expect(scaled.encoder[i]).toBeCloseTo(3 * v, 4);
  for (const [i, v] of plain.encoderBias.entries())
    expect(scaled.encoderBias[i]).toBeCloseTo(3 * v, 4);
});
