/** @file A consensus dictionary of some SAEs: grouped, averaged, judged next to them, and saved. */

import { join } from "node:path";
import {
  type RefitOptions,
  refitSae,
  requireNormalization,
} from "../../analyses/consensus/refit.ts";
import type { Backend } from "../../backend/backend.ts";
import { groupLatents, type LatentGroup } from "../../consistency/consensus/consensus.ts";
import { consensusSae } from "../../consistency/consensus/consensus-sae.ts";
import { fillUp } from "../../consistency/consensus/fill-up.ts";
import { atomsOf } from "../../consistency/lab/atoms.ts";
import type { Dictionary } from "../../consistency/matching/dictionary.ts";
import { ConcordError } from "../../errors.ts";
import { type JudgedRows, type JudgedSae, judgeSaes } from "../../evaluate/judge-saes.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { csvField } from "../../formats/text/csv-field.ts";
import { requireOtherFolder } from "../../interchange/other-folder.ts";
import { saveSae } from "../../interchange/saelens.ts";
import type { Sae } from "../../sae/sae.ts";
import type { Source } from "../../sources/source.ts";
import { findSaes } from "../compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../compare/open-saes.ts";
import { requireRowsOf, requireSameRows } from "../compare/same-rows.ts";

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
  /** Whether latents of the first SAE fill it up to `latents`, or to its width. */
  readonly fill?: boolean | undefined;
  /** Fits the averaged encoder anew to the source's training rows; not done when left out. */
  readonly refit?: Omit<RefitOptions, "l0" | "pause"> | undefined;
  /** Folder that gets the SAE and groups.csv. */
  readonly out: string;
  /** Rows to judge all SAEs on, and known features; without it, nothing is judged. */
  readonly source?:
    | (JudgedRows & Pick<Source, "train" | "normalization" | "provenance">)
    | undefined;
  readonly pause?: () => Promise<void>;
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

function groupsCsv(groups: readonly LatentGroup[], names: readonly string[]): string {
  const lines = groups.map(({ latents, agreement }, g) => {
    const members = latents.map(({ sae, latent }) => `${names[sae]}:${latent}`).join(" ");
    return `${g},${latents.length},${agreement.toFixed(6)},${csvField(members)}`;
  });
  return `${["latent,members,agreement,latents", ...lines].join("\n")}\n`;
}

/**
 * Makes a consensus of SAEs of one d_in and saves it as an SAE folder that SAELens loads.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs, and for SAEs of different d_in
 *   or selection, or of other rows than the source's; when no latent is in enough of them. The same
 *   for a refit without a source, or as `refitSae`; the errors of reading SAEs.
 */
export async function makeConsensus(
  backend: Backend,
  options: ConsensusOptions,
): Promise<Consensus> {
  const { names, root = "runs", minMembers = 2, threshold = 0.7, latents, out, source } = options;
  const { fill = false, refit, pause = async () => {} } = options;
  if (refit && !source)
    throw new ConcordError("argument/invalid", "A refit needs rows to train on.", {
      hint: "Give --config, a config whose source has them.",
    });
  const found = await findSaes(root, names, { hub: options.hub });
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
  const opened: OpenedSae[] = [];
  const dictionaries: Dictionary[] = [];
  for (const one of found) {
    const sae = await openFoundSae(backend, one);
    opened.push(sae);
    requireSameRows(opened);
    dictionaries.push((await atomsOf(backend, sae.sae)).decoder);
  }
  if (source) requireRowsOf(opened[0]!, source);
  // Before the matching and the judging, which take longer.
  if (source && refit) for (const { sae } of opened) requireNormalization(sae, source);
  const all = await groupLatents(backend, dictionaries, threshold);
  const sizes = found.map((_, i) => all.filter((g) => g.latents.length === i + 1).length);
  const agreed = all.filter((g) => g.latents.length >= minMembers).slice(0, latents);
  const saes = opened.map(({ sae }) => sae);
  const groups =
    fill && agreed.length > 0
      ? await fillUp(backend, dictionaries, agreed, latents ?? saes[0]!.dSae)
      : agreed;
  const averaged = consensusSae(backend, saes, dictionaries, groups);
  const members = source ? await judgeSaes(backend, opened, source, pause) : [];
  let sae = averaged;
  if (refit && source) {
    const l0 = members.reduce((sum, one) => sum + one.l0 / members.length, 0);
    sae = await refitSae(backend, averaged, source, { ...refit, l0, pause });
  }
  const made = refit
    ? [
        { name: "consensus, averaged", sae: averaged },
        { name: "consensus, refitted", sae },
      ]
    : [{ name: "consensus", sae }];
  const own = source ? await judgeSaes(backend, made, source, pause) : [];
  const { modelName, hookName, residualOf } = opened[0]!;
  await saveSae(out, sae, {
    ...(modelName === undefined ? {} : { model_name: modelName }),
    ...(hookName === undefined ? {} : { hook_name: hookName }),
    ...(residualOf && { residual_of: residualOf }),
    consensus: {
      min_members: minMembers,
      tau: threshold,
      of: found.map(({ folder, hubName }) => hubName ?? folder),
      refit_steps: refit?.steps ?? 0,
      train_atoms: refit !== undefined && !refit.atomsStay,
    },
  });
  const saeNames = opened.map(({ name }) => name);
  await writeFileAtomically(join(out, "groups.csv"), groupsCsv(groups, saeNames));
  return { sae, groups, sizes, names: saeNames, judged: [...own, ...members] };
}
