/**
 * @file `<member>.safetensors`: the evidence of one SAE's latents. Every tensor has one row of
 *   fixed length per latent. So a program can map the file and find one latent without reading the
 *   others. Only texts and the activations around examples are of different lengths; their places
 *   are in `text_start` and `around_start`. docs/evidence.md describes the file.
 *
 * Tensors called `kind.<name>`, [latents, …], are what a kind of data draws latents from; only it
 * reads them. Atoms are not in the file: what is drawn of one is a small part of it. And evidence
 * need not lie beside the SAEs.
 */

import { type Tensor, tensor } from "../base/tensor.ts";
import type { Sae } from "../sae/sae.ts";
import type { Coactive } from "./coactive.ts";
import type { KeptRows } from "./kept-rows.ts";
import { BINS } from "./latent-tally.ts";
import type { Seen } from "./look-through.ts";
import type { NearestAtoms } from "./nearest-atoms.ts";
import { REBUILT_ATOMS, type Rebuilt } from "./rebuild-unmatched.ts";

/** Tensors with one row per latent. */
export const LATENT_TENSORS: readonly string[] = [
  "active_rows",
  "mean",
  "max",
  "bin_width",
  "histogram",
  "alignment",
  "top_rows",
  "top_values",
  "sample_rows",
  "sample_values",
  "near_miss_rows",
  "near_miss_values",
  "nearest",
  "nearest_cosine",
  "coactive",
  "coactive_jaccard",
  "partners",
  "partner_cosine",
  "partner_correlation",
  "partner_jaccard",
  "found_in",
  "mean_cosine",
  "cosine_spread",
  "rebuilt_by",
  "rebuilt_latents",
  "rebuilt_cosine",
  "rebuilt_null",
  "truth",
  "initial_cosine",
  "map",
];
/** Where each latent's part of the tensors below begins, and the end: [latents + 1]. */
export const START_TENSORS: readonly string[] = ["around_start", "text_start"];
export const PART_TENSORS: readonly string[] = ["around_rows", "around_values", "text"];

/** Bytes of one latent in the tensors above that are of fixed length, without partners. */
const FIXED_BYTES = 1040;
const PARTNER_BYTES = 16;
/** Bytes of what is around its examples, and of its words, usually. */
const USUAL_PARTS = 2200;

/** Bytes of one latent in the file, for plans. @param others SAEs that it is compared with. */
export function latentBytes(others: number): number {
  return FIXED_BYTES + PARTNER_BYTES * others + USUAL_PARTS;
}

/** What other SAEs say of every latent, [latents] each. */
export interface PartnerColumns {
  /** Index of the other SAE among those of the population. */
  readonly sae: number;
  /** −1 without a partner. */
  readonly latents: Int32Array;
  readonly cosines: Float32Array;
  /** NaN where one of the two never fired. */
  readonly correlation: Float32Array;
  readonly jaccard: Float32Array;
}

/** All that is known of one SAE's latents. */
export interface MemberEvidence {
  readonly sae: Sae;
  readonly seen: Seen;
  readonly nearest: NearestAtoms;
  readonly coactive: Coactive;
  readonly partners: readonly PartnerColumns[];
  /** Other SAEs that have each latent, and mean and spread of the cosines with all partners. */
  readonly foundIn: Int32Array;
  readonly meanCosine: Float32Array;
  readonly spread: Float32Array;
  readonly rebuilt: readonly Rebuilt[];
  /** Largest cosine with a true feature, where the data has some. */
  readonly truth: Float32Array | undefined;
  /** Cosine of each atom with the one it started with; undefined where that is not known. */
  readonly initialCosines: Float32Array | undefined;
  /** Where the atoms lie on the map of all SAEs, [latents, 2]; undefined without one. */
  readonly map: Float32Array | undefined;
  /** JSON of what is said of each latent in words, [latents]. */
  readonly texts: readonly string[];
  /** What the kind of data keeps of each latent, by names of its own, [latents, …] each. */
  readonly kept: ReadonlyMap<string, Tensor>;
}

/** What the names of tensors begin with that only a kind of data reads. */
export const OF_KIND = "kind.";

/** ⟨e, d⟩ / (‖e‖ ‖d‖) of each latent; 0 where one of them has no length. */
function alignments({ encoder, decoder, dSae, dIn }: Sae): Float32Array {
  const out = new Float32Array(dSae);
  for (let f = 0; f < dSae; f++) {
    let [dot, e, d] = [0, 0, 0];
    for (let i = f * dIn; i < (f + 1) * dIn; i++) {
      dot += encoder[i]! * decoder[i]!;
      e += encoder[i]! ** 2;
      d += decoder[i]! ** 2;
    }
    out[f] = e * d > 0 ? dot / Math.sqrt(e * d) : 0;
  }
  return out;
}

/** Texts one behind the other, as UTF-8, and where each begins, [texts + 1]. */
function joinedTexts(texts: readonly string[]): { start: Int32Array; bytes: Uint8Array } {
  const encoded = texts.map((text) => Buffer.from(text, "utf8"));
  const start = new Int32Array(texts.length + 1);
  for (const [i, { length }] of encoded.entries()) start[i + 1] = start[i]! + length;
  return { start, bytes: new Uint8Array(Buffer.concat(encoded)) };
}

/** Activations that are not 0 around the examples of each latent, by row, each once. */
function aroundExamples(latents: number, kept: readonly KeptRows[]) {
  const start = new Int32Array(latents + 1);
  const rows: number[] = [];
  const values: number[] = [];
  for (let latent = 0; latent < latents; latent++) {
    const near = new Map<number, number>();
    for (const { slots, width, rows: of, around } of kept)
      for (let slot = latent * slots; slot < (latent + 1) * slots; slot++) {
        if (of[slot]! < 0) continue;
        for (let i = 0; i < width; i++) {
          const bits = around[slot * width + i]!;
          if (bits !== 0) near.set(of[slot]! + i - (width - 1) / 2, bits);
        }
      }
    for (const [row, bits] of [...near].sort((a, b) => a[0] - b[0])) {
      rows.push(row);
      values.push(bits);
    }
    start[latent + 1] = rows.length;
  }
  return { start, rows: Int32Array.from(rows), values: Uint16Array.from(values) };
}

/** The tensors of the file. */
export function memberTensors(evidence: MemberEvidence): Map<string, Tensor> {
  const { sae, seen, nearest, coactive, partners, rebuilt, truth, map, texts, kept } = evidence;
  const n = sae.dSae;
  const { tally, top, sample, nearMisses } = seen;
  const float = (data: Float32Array, ...rest: number[]) => tensor("float32", [n, ...rest], data);
  const int = (data: Int32Array, ...rest: number[]) => tensor("int32", [n, ...rest], data);
  const others = partners.length;
  const byPartner = (
    of: (one: PartnerColumns) => ArrayLike<number>,
    into: Float32Array | Int32Array,
  ) => {
    for (const [p, one] of partners.entries())
      for (let i = 0; i < n; i++) into[i * others + p] = of(one)[i]!;
    return into;
  };
  const rebuiltBy = new Int32Array(n).fill(-1);
  const rebuiltLatents = new Int32Array(n * REBUILT_ATOMS).fill(-1);
  const rebuiltCosine = new Float32Array(n);
  const rebuiltNull = new Float32Array(n);
  for (const { latent, sae: other, atoms, cosine, nullCosine } of rebuilt) {
    rebuiltBy[latent] = other;
    rebuiltLatents.set(atoms, latent * REBUILT_ATOMS);
    rebuiltCosine[latent] = cosine;
    rebuiltNull[latent] = nullCosine;
  }
  const around = aroundExamples(n, [top, sample, nearMisses]);
  const text = joinedTexts(texts);
  const mean = Float32Array.from(tally.active, (rows, i) => (rows ? tally.sum[i]! / rows : 0));
  return new Map<string, Tensor>([
    ["active_rows", int(tally.active)],
    ["mean", float(mean)],
    ["max", float(tally.largest)],
    ["bin_width", float(tally.binWidth)],
    ["histogram", int(tally.histogram, BINS)],
    ["alignment", float(alignments(sae))],
    ["top_rows", int(top.rows, top.slots)],
    ["top_values", float(top.values, top.slots)],
    ["sample_rows", int(sample.rows, sample.slots)],
    ["sample_values", float(sample.values, sample.slots)],
    ["near_miss_rows", int(nearMisses.rows, nearMisses.slots)],
    ["near_miss_values", float(nearMisses.values, nearMisses.slots)],
    ["nearest", int(nearest.atoms, nearest.k)],
    ["nearest_cosine", float(nearest.cosines, nearest.k)],
    ["coactive", int(coactive.latents, coactive.latents.length / n)],
    ["coactive_jaccard", float(coactive.jaccard, coactive.jaccard.length / n)],
    [
      "partners",
      int(byPartner((p) => p.latents, new Int32Array(n * others)) as Int32Array, others),
    ],
    [
      "partner_cosine",
      float(byPartner((p) => p.cosines, new Float32Array(n * others)) as Float32Array, others),
    ],
    [
      "partner_correlation",
      float(byPartner((p) => p.correlation, new Float32Array(n * others)) as Float32Array, others),
    ],
    [
      "partner_jaccard",
      float(byPartner((p) => p.jaccard, new Float32Array(n * others)) as Float32Array, others),
    ],
    ["found_in", int(evidence.foundIn)],
    ["mean_cosine", float(evidence.meanCosine)],
    ["cosine_spread", float(evidence.spread)],
    ["rebuilt_by", int(rebuiltBy)],
    ["rebuilt_latents", int(rebuiltLatents, REBUILT_ATOMS)],
    ["rebuilt_cosine", float(rebuiltCosine)],
    ["rebuilt_null", float(rebuiltNull)],
    ["truth", float(truth ?? new Float32Array(n).fill(Number.NaN))],
    ["initial_cosine", float(evidence.initialCosines ?? new Float32Array(n).fill(Number.NaN))],
    ["map", float(map ?? new Float32Array(2 * n).fill(Number.NaN), 2)],
    ["around_start", tensor("int32", [n + 1], around.start)],
    ["around_rows", tensor("int32", [around.rows.length], around.rows)],
    ["around_values", tensor("bfloat16", [around.values.length], around.values)],
    ["text_start", tensor("int32", [n + 1], text.start)],
    ["text", tensor("uint8", [text.bytes.length], text.bytes)],
    ...Array.from(kept, ([name, one]) => [`${OF_KIND}${name}`, one] as const),
  ]);
}
