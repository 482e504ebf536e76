/** @file A consensus dictionary of some SAEs: grouped, averaged, judged next to them, and saved. */

import { join } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { atomsOf } from "../../consistency/lab/atoms.ts";
import { groupLatents, type LatentGroup } from "../../consistency/lab/consensus.ts";
import { consensusSae } from "../../consistency/lab/consensus-sae.ts";
import { LabNulls } from "../../consistency/lab/null-measures.ts";
import { type Dictionary, dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { matchOneToOne } from "../../consistency/matching/one-to-one.ts";
import { ConcordError } from "../../errors.ts";
import { evaluateSaes } from "../../evaluate/evaluate-saes.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { requireOtherFolder } from "../../interchange/other-folder.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { fvu } from "../../metrics/fvu.ts";
import { l0 } from "../../metrics/l0.ts";
import type { Sae } from "../../sae/sae.ts";
import type { Source } from "../../sources/source.ts";
import { findSaes } from "../compare/find-saes.ts";
import { openFoundSae } from "../compare/open-saes.ts";

/** What a consensus is made of. */
export interface ConsensusOptions {
  /** Runs, sweeps, folders of SAEs, or folders of such folders. */
  readonly names: readonly string[];
  /** Where SAEs of the hub (`hf:org/repo/path`) come from and are kept. */
  readonly hub?: CatalogueOptions | undefined;
  /** Folder of the runs. Default `runs`. */
  readonly root?: string;
  /** Least number of SAEs that a latent is in. Default 2. */
  readonly minMembers?: number;
  /** Least cosine of any two latents of a group. Default 0.7. */
  readonly threshold?: number;
  /** The largest groups that are kept; default all. */
  readonly latents?: number | undefined;
  /** Folder that gets the SAE and groups.csv. */
  readonly out: string;
  /** Rows to judge all SAEs on, and known features; without it, nothing is judged. */
  readonly source?: Pick<Source, "heldOut" | "dIn" | "trueFeatures"> | undefined;
  readonly pause?: () => Promise<void>;
}

/** An SAE on held-out rows. */
export interface JudgedSae {
  readonly name: string;
  readonly latents: number;
  readonly fvu: number;
  readonly l0: number;
  /**
   * Mean cosine with the known features, matched one to one, over the smaller of the two numbers;
   * undefined without known features.
   */
  readonly gtMcc: number | undefined;
  /** The same of random atoms of as many. */
  readonly gtMccNull: number | undefined;
  /** Known features with a matched cosine above 0.9. */
  readonly found: number | undefined;
}

/** A consensus that was made. */
export interface Consensus {
  readonly sae: Sae;
  readonly groups: readonly LatentGroup[];
  /** How many groups have 1, 2, … latents before any were left out; [0] is for one. */
  readonly sizes: readonly number[];
  /** SAEs that it was made of. */
  readonly names: readonly string[];
  /** The consensus first, then the others; empty without a source. */
  readonly judged: readonly JudgedSae[];
}

/** A known feature counts as found above this matched cosine. */
const FOUND_FROM = 0.9;

async function judge(
  backend: Backend,
  saes: readonly { readonly name: string; readonly sae: Sae }[],
  { heldOut, dIn, trueFeatures }: NonNullable<ConsensusOptions["source"]>,
  pause: (() => Promise<void>) | undefined,
): Promise<JudgedSae[]> {
  const sums = await evaluateSaes(
    backend,
    saes.map(({ sae }) => sae),
    heldOut,
    dIn,
    pause,
  );
  const truth =
    trueFeatures && (await dictionaryOf(backend, trueFeatures.matrix, trueFeatures.count, dIn));
  const nulls = new LabNulls(backend);
  const judged: JudgedSae[] = [];
  for (const [i, { name, sae }] of saes.entries()) {
    const atoms = await dictionaryOf(backend, sae.decoder, sae.dSae, dIn);
    const matching = truth && (await matchOneToOne(backend, truth, atoms));
    judged.push({
      name,
      latents: sae.dSae,
      fvu: fvu.compute(sums[i]!),
      l0: l0.compute(sums[i]!),
      gtMcc: matching?.mean,
      gtMccNull: truth && (await nulls.of(truth.count, sae.dSae, dIn)).mcc,
      found: matching?.cosine.filter((c) => c > FOUND_FROM).length,
    });
  }
  return judged;
}

function groupsCsv(groups: readonly LatentGroup[], names: readonly string[]): string {
  const lines = groups.map(({ latents, agreement }, g) => {
    const members = latents.map(({ sae, latent }) => `${names[sae]}:${latent}`).join(" ");
    const field = /[",\n\r]/.test(members) ? `"${members.replaceAll('"', '""')}"` : members;
    return `${g},${latents.length},${agreement.toFixed(6)},${field}`;
  });
  return `${["latent,members,agreement,latents", ...lines].join("\n")}\n`;
}

/**
 * Makes a consensus of SAEs of one d_in and saves it as an SAE folder that SAELens loads.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs, SAEs of different d_in or
 *   selection, or when no latent is in enough of them; the errors of reading SAEs.
 */
export async function makeConsensus(
  backend: Backend,
  options: ConsensusOptions,
): Promise<Consensus> {
  const { names, root = "runs", minMembers = 2, threshold = 0.7, latents, out, source } = options;
  const found = await findSaes(root, names, options.hub);
  if (found.length < Math.max(2, minMembers))
    throw new ConcordError(
      "argument/invalid",
      `Expected at least ${Math.max(2, minMembers)} SAEs but found ${found.length}.`,
      { hint: "Name a run with several members, several runs, or several folders of SAEs." },
    );
  requireOtherFolder(
    out,
    found.map(({ folder }) => folder),
  );
  const opened = [];
  const dictionaries: Dictionary[] = [];
  for (const one of found) {
    const sae = await openFoundSae(backend, one);
    opened.push(sae);
    dictionaries.push((await atomsOf(backend, sae.sae)).decoder);
  }
  const all = await groupLatents(backend, dictionaries, threshold);
  const sizes = found.map((_, i) => all.filter((g) => g.latents.length === i + 1).length);
  const groups = all.filter((g) => g.latents.length >= minMembers).slice(0, latents);
  const saes = opened.map(({ sae }) => sae);
  const sae = consensusSae(backend, saes, dictionaries, groups);
  const saeNames = opened.map(({ name }) => name);
  const judged = source
    ? await judge(backend, [{ name: "consensus", sae }, ...opened], source, options.pause)
    : [];
  const { modelName, hookName } = opened[0]!;
  await saveSae(out, sae, {
    ...(modelName === undefined ? {} : { model_name: modelName }),
    ...(hookName === undefined ? {} : { hook_name: hookName }),
    consensus: {
      min_members: minMembers,
      tau: threshold,
      of: found.map(({ folder, hubName }) => hubName ?? folder),
    },
  });
  await writeFileAtomically(join(out, "groups.csv"), groupsCsv(groups, saeNames));
  return { sae, groups, sizes, names: saeNames, judged };
}
