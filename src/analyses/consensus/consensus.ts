/**
 * @file The consensus of a run: one SAE of the latents that several members found, judged next to
 *   them.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { mean } from "../../base/statistics/mean.ts";
import { type Tensor, tensor } from "../../base/tensor.ts";
import { groupLatents, type LatentGroup } from "../../consistency/consensus/consensus.ts";
import { consensusSae } from "../../consistency/consensus/consensus-sae.ts";
import { fillUp } from "../../consistency/consensus/fill-up.ts";
import { type Dictionary, dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { matchOneToOne } from "../../consistency/matching/one-to-one.ts";
import type { Analysis, AnalysisContext } from "../../domains/analysis.ts";
import { judgeSaes } from "../../evaluate/judge-saes.ts";
import { section } from "../../figures/html/page.ts";
import { sourceMetadata } from "../../interchange/source-metadata.ts";
import { l0 } from "../../metrics/l0.ts";
import { parseResult } from "../../runs/parse-result.ts";
import type { Sae } from "../../sae/sae.ts";
import { type ConsensusResult, consensusSchema } from "./consensus-result.ts";
import { consensusSection, consensusTable } from "./consensus-table.ts";
import { refitSae } from "./refit.ts";

const options = z.object({
  min_members: z.int().min(2).default(2).describe("Members that a latent must be in"),
  tau: z.number().gt(0).max(1).default(0.7).describe("Least cosine of any two latents of a group"),
  refit_steps: z
    .int()
    .min(0)
    .default(1500)
    .describe("Steps that fit the averaged encoder anew while the atoms stay; 0: none"),
  train_atoms: z
    .boolean()
    .default(false)
    .describe(
      "Let the refit move the atoms too: it reconstructs better, but atoms are then not averages any more",
    ),
  fill: z
    .boolean()
    .default(false)
    .describe(
      "Fill it up to the first member's d_sae with latents of that member, to compare at equal width",
    ),
});

interface Options {
  readonly minMembers: number;
  readonly tau: number;
  readonly refitSteps: number;
  readonly trainAtoms: boolean;
  readonly fill: boolean;
}

/** What was made. */
interface ConsensusFound {
  readonly result: ConsensusResult;
  /** Undefined without a latent, and when it is read back. */
  readonly made?: {
    readonly sae: Sae;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly groups: readonly LatentGroup[];
  };
}

/** Mean MCC of an SAE with each of the independent members; null where there are none. */
async function independentMcc(
  { backend, members }: AnalysisContext,
  name: string,
  sae: Sae,
): Promise<number | null> {
  const outside = members.filter((member) => !member.coupled);
  if (outside.length === 0 || outside.some((member) => member.name === name)) return null;
  const atoms = await dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn);
  let sum = 0;
  for (const { sae: other } of outside) {
    const theirs = await dictionaryOf(backend, other.decoder, other.dSae, other.dIn);
    sum += (await matchOneToOne(backend, atoms, theirs)).mean;
  }
  return sum / outside.length;
}

async function analyse(
  context: AnalysisContext,
  { minMembers, tau, refitSteps, trainAtoms, fill }: Options,
): Promise<ConsensusFound> {
  const { backend, members, source, seed, batch, pause, evaluation } = context;
  const inside = members.filter(({ coupled }) => coupled);
  // Of the weights as saved, so that analysing the run again gives the same bytes.
  const dictionaries: Dictionary[] = [];
  for (const { sae } of inside)
    dictionaries.push(await dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn));
  const all = inside.length < 2 ? [] : await groupLatents(backend, dictionaries, tau);
  const agreed = all.filter((g) => g.latents.length >= minMembers);
  const of = inside.map(({ name }) => name);
  const facts = {
    min_members: minMembers,
    tau,
    refit_steps: refitSteps,
    train_atoms: trainAtoms,
    of,
    groups_by_members: inside.map((_, i) => all.filter((g) => g.latents.length === i + 1).length),
  };
  if (agreed.length === 0) return { result: { ...facts, latents: 0, filled: 0, judged: [] } };
  const saes = inside.map(({ sae }) => sae);
  const groups = fill ? await fillUp(backend, dictionaries, agreed, saes[0]!.dSae) : agreed;
  const start = consensusSae(backend, saes, dictionaries, groups);
  await pause();
  await source.train.seek(context.beginning);
  const active = evaluation.result.members
    .filter(({ name }) => of.includes(name))
    .map(({ metrics }) => metrics[l0.name]!);
  const refit = {
    atomsStay: !trainAtoms,
    steps: refitSteps,
    batch,
    lr: mean(inside.map(({ lr }) => lr)),
    seed,
    l0: mean(active),
    pause,
  };
  const sae = refitSteps === 0 ? start : await refitSae(backend, start, source, refit);
  const named = [
    ...(refitSteps === 0 ? [] : [{ name: "consensus, averaged", sae: start }]),
    { name: refitSteps === 0 ? "consensus" : "consensus, refitted", sae },
    ...members,
  ];
  const judged = [];
  for (const [i, one] of (await judgeSaes(backend, named, source, pause)).entries())
    judged.push({
      name: one.name,
      latents: one.latents,
      fvu: one.fvu,
      l0: one.l0,
      gt_mcc: one.gtMcc ?? null,
      gt_mcc_null: one.gtMccNull ?? null,
      found: one.found ?? null,
      independent_mcc: await independentMcc(context, one.name, named[i]!.sae),
    });
  const filled = groups.length - agreed.length;
  const { groups_by_members: _, ...consensus } = facts;
  return {
    result: { ...facts, latents: groups.length, filled, judged },
    made: { sae, groups, metadata: { ...sourceMetadata(source), consensus } },
  };
}

/** The latent of each member that each group has, [groups, members]; −1 for none. */
function groupTensor(groups: readonly LatentGroup[], members: number): Tensor {
  const data = new Int32Array(groups.length * members).fill(-1);
  for (const [g, { latents }] of groups.entries())
    for (const { sae, latent } of latents) data[g * members + sae] = latent;
  return tensor("int32", [groups.length, members], data);
}

export const consensus = {
  name: "consensus",
  summary: "One SAE of the latents that several members found, judged next to them",
  options,
  ownKey: true,
  applies: () => true,
  analyse,
  results: ({ result, made }) => ({
    json: { consensus: result },
    ...(made && {
      tensors: {
        consensus: new Map([["latents", groupTensor(made.groups, result.of.length)]]),
      },
      saes: { consensus: { sae: made.sae, metadata: made.metadata } },
    }),
  }),
  async read(folder) {
    const path = folder.file("results", "consensus.json");
    if (!existsSync(path)) return undefined;
    const found = await folder.readJson("results/consensus.json");
    return { result: parseResult(consensusSchema, found, path) };
  },
  // Its weights; groups and numbers are small beside them. Members that fall into camps, which
  // share nothing with each other, can have more groups than latents.
  bytes: (members) => Math.max(...members.map(({ dIn, dSae }) => 8 * dIn * dSae)),
  sections: ({ result }) => section("Consensus", consensusSection(result)),
  table: ({ result }) => consensusTable(result),
} as const satisfies Analysis<ConsensusFound, Options>;
