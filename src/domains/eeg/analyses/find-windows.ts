/**
 * @file What a run on EEG windows keeps for its figures. It is an easy, a usual and a hard window,
 *   the most active atoms, and spectra of the errors.
 */

import type { Backend } from "../../../backend/backend.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { RowReader, SignalLayout } from "../../../sources/source.ts";
import type { ComparedPair } from "../../analysis.ts";
import {
  reconstructedRows,
  signalSpectra,
  spreadRows,
  type WindowErrors,
  type WindowSpectra,
  windowErrors,
} from "./window-errors.ts";
import type { EegFindings, EegPowers, MatchedAtom, ShownAtom } from "./window-results.ts";

/** A trained member with what its evaluation found. */
export interface EvaluatedMember {
  readonly name: string;
  readonly sae: Sae;
  readonly coupled: boolean;
  readonly fvu: number;
  /** Share of held-out rows in which each latent is active, [d_sae]. */
  readonly density: ArrayLike<number>;
}

/** How much is looked at. */
export interface WindowOptions {
  /** Held-out windows that spectra and ranks are taken over. */
  readonly windows: number;
  /** Most active atoms that are shown. */
  readonly atoms: number;
}

const RANKS = [0.1, 0.5, 0.9];

/**
 * Position of the member in the middle by FVU, the lower one of two, among those that couplings
 * include.
 */
function middleMember(members: readonly EvaluatedMember[]): number {
  const order = members
    .map((m, i) => ({ i, fvu: Number.isNaN(m.fvu) ? Number.POSITIVE_INFINITY : m.fvu, m }))
    .filter(({ m }) => m.coupled)
    .sort((a, b) => (a.fvu === b.fvu ? a.i - b.i : a.fvu - b.fvu));
  return order[Math.floor((order.length - 1) / 2)]?.i ?? 0;
}

/** Positions of windows at the wanted ranks of error, each once. */
function rankedWindows({ shares }: WindowErrors): { readonly at: number; readonly rank: number }[] {
  const order = [...shares.keys()]
    .filter((at) => Number.isFinite(shares[at]))
    .sort((a, b) => shares[a]! - shares[b]! || a - b);
  const places = RANKS.map((rank) => Math.round(rank * (order.length - 1)));
  return [...new Set(places)]
    .filter((place) => place >= 0)
    .map((place) => ({ at: order[place]!, rank: place / Math.max(1, order.length - 1) }));
}

/** Latents by how often they are active, most often first; those that never are left out. */
function mostActive({ density }: EvaluatedMember, atoms: number): number[] {
  return Array.from({ length: density.length }, (_, latent) => latent)
    .filter((latent) => density[latent]! > 0)
    .sort((a, b) => density[b]! - density[a]! || a - b)
    .slice(0, atoms);
}

/** What every other member has for one atom of member `own`. */
function matchesOf(
  members: readonly EvaluatedMember[],
  pairs: readonly ComparedPair[],
  own: number,
  latent: number,
): MatchedAtom[] {
  return pairs.flatMap(({ i, j, similarity: s }) => {
    if (i !== own && j !== own) return [];
    const other = members[i === own ? j : i]!;
    // Matchings are kept from the first of a pair; for the second the atom that points at it.
    const first = i === own ? latent : s.partnerOfA.indexOf(latent);
    const second = i === own ? s.partnerOfA[latent]! : latent;
    if (first < 0 || second < 0) return [];
    return {
      member: other.name,
      latent: i === own ? second : first,
      cosine: s.matchedOfA[first]!,
      null: s.null.mcc,
      coupled: other.coupled,
    };
  });
}

function powers({ density, bands }: WindowSpectra): EegPowers {
  return { density: Float32Array.from(density), bands: Float32Array.from(bands) };
}

/** The windows at `rows` as they are, as they should be and as an SAE makes them. */
async function shownWindows(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  rows: readonly number[],
): Promise<Pick<EegFindings, "inputs" | "targets" | "reconstructions">> {
  const size = rows.length * sae.dIn;
  const [inputs, targets, reconstructions] = [0, 1, 2].map(() => new Float32Array(size));
  for await (const part of reconstructedRows(backend, sae, reader, rows)) {
    const start = part.first * sae.dIn;
    inputs!.set(part.input, start);
    targets!.set(part.target, start);
    for (let i = 0; i < part.target.length; i++)
      reconstructions![start + i] = part.target[i]! + part.residual[i]!;
  }
  return {
    ...(reader.hasTargets && { inputs: inputs! }),
    targets: targets!,
    reconstructions: reconstructions!,
  };
}

/**
 * Looks at held-out windows through every member.
 *
 * @param members At least one.
 * @param pairs   The comparisons of members that there are.
 * @throws {ConcordError} "numeric/not-finite" when a row is not finite.
 */
export async function evaluateEeg(
  backend: Backend,
  members: readonly EvaluatedMember[],
  pairs: readonly ComparedPair[],
  reader: RowReader,
  layout: SignalLayout,
  options: WindowOptions,
): Promise<EegFindings> {
  const rows = spreadRows(reader.rows, options.windows);
  const errors: WindowErrors[] = [];
  for (const { sae } of members)
    errors.push(await windowErrors(backend, sae, reader, layout, rows));
  const { signal, noise } = await signalSpectra(reader, layout, rows);
  const own = middleMember(members);
  const member = members[own]!;
  const ranked = rankedWindows(errors[own]!);
  const windows = ranked.map(({ at, rank }) => ({
    row: rows[at]!,
    rank,
    error: errors[own]!.shares[at]!,
  }));
  const latents = mostActive(member, options.atoms);
  const atoms = new Float32Array(latents.length * member.sae.dIn);
  for (const [a, latent] of latents.entries()) {
    const { dIn, decoder } = member.sae;
    atoms.set(decoder.subarray(latent * dIn, (latent + 1) * dIn), a * dIn);
  }
  const shown = latents.map(
    (latent): ShownAtom => ({
      latent,
      density: member.density[latent]!,
      matches: matchesOf(members, pairs, own, latent),
    }),
  );
  return {
    result: {
      layout,
      member: member.name,
      windows,
      atoms: shown,
      windows_measured: rows.length,
      members: members.map((m) => m.name),
    },
    ...(await shownWindows(
      backend,
      member.sae,
      reader,
      windows.map((w) => w.row),
    )),
    atoms,
    frequencies: Float32Array.from(signal.frequencies),
    signal: powers(signal),
    ...(noise && { noise: powers(noise) }),
    errors: errors.map((e) => powers(e.spectra)),
  };
}
