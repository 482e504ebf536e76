/** @file concord compare --latent: one latent in all other SAEs, as tables. */

import {
  type ComparedLatent,
  type LatentElsewhere,
  latentJson,
  REBUILT_FROM,
} from "../../experiments/compare/compare-latent.ts";
import { short, table } from "../output.ts";

/** The latents that rebuild it, and the cosine that they reach next to that of random ones. */
function rebuilding({ rebuilt, rebuiltNull, isRebuilt }: LatentElsewhere): string[] {
  const last = rebuilt.at(-1);
  if (!last) return ["–", "–"];
  const atoms = rebuilt.map(({ atom }) => atom);
  const reached = `${short(last.cosine)} (${short(rebuiltNull.at(-1)!)})`;
  return [
    `${isRebuilt ? "" : "not by "}${atoms.length}: ${atoms.slice(0, 6).join(", ")}${atoms.length > 6 ? ", …" : ""}`,
    reached,
  ];
}

/** The tables of one latent. */
export function latentText({ name, latent, others, skipped }: ComparedLatent): string {
  const rows = others.map((other) => [
    other.name,
    String(other.dSae),
    other.nearest.map((near) => `${near.latent} ${short(near.cosine)}`).join("  "),
    other.nearestNull === undefined ? "–" : short(other.nearestNull),
    ...rebuilding(other),
  ]);
  const head = ["SAE", "latents", "nearest, cosine", "null", "rebuilt by", "cosine (null)"];
  const left =
    skipped.length > 0 ? `\nof another d_in, without a cosine: ${skipped.join(", ")}` : "";
  return `latent ${latent} of ${name}\n\n${table(head, rows)}\n
null: the largest cosine with as many random directions
rebuilt by: latents, by orthogonal matching pursuit, until the cosine is ${REBUILT_FROM}; null: random directions from as many${left}\n`;
}

/** The same as one line of JSON. */
export function latentLine(found: ComparedLatent): string {
  return `${JSON.stringify(latentJson(found))}\n`;
}
