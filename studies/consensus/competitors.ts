/** @file The SAEs of one world and seed: members, consensus dictionaries and their competitors. */

import { join, resolve } from "node:path";
import { refitSae } from "../../src/analyses/consensus/refit.ts";
import { groupLatents, type LatentGroup } from "../../src/consistency/consensus/consensus.ts";
import { consensusSae } from "../../src/consistency/consensus/consensus-sae.ts";
import { fillUp } from "../../src/consistency/consensus/fill-up.ts";
import { type ComputeContext, type Dictionary, dictionaryOf, type Sae } from "../../src/index.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import { bagOf, boostOf, type Coder } from "../../src/sae/ensemble.ts";
import type { Source } from "../../src/sources/source.ts";
import { MEMBERS, TIED, type World } from "./worlds.ts";

/** Stages of boosting. */
const STAGES = 4;

/** An SAE or an ensemble, and what training it cost in steps of a member. */
export interface Competitor {
  readonly arm: string;
  readonly sae: Coder;
  readonly steps: number;
}

/** Trains and averages; `seed` decides everything that is drawn. */
class Competitors {
  readonly #context: ComputeContext;
  readonly #name: string;
  readonly #world: World;
  readonly #seed: number;

  constructor(context: ComputeContext, name: string, world: World, seed: number) {
    this.#context = context;
    this.#name = name;
    this.#world = world;
    this.#seed = seed;
  }

  /** Settings of a run of this world. */
  run(name: string, settings: readonly string[]) {
    const { config, settings: own, architecture, dSae, k, lr } = this.#world;
    const population = [
      `population.architecture=${architecture}`,
      `population.d_sae=${dSae}`,
      `population.k=${k}`,
      `population.lr=${lr}`,
      "population.independent=0",
      "training.checkpoint_every=100000",
      "training.keep_checkpoints=1",
    ];
    return {
      name: `${this.#name}/${name}`,
      config,
      settings: [...own, ...population, ...settings],
    };
  }

  /** SAEs of a run that is trained now, or was before, and where they lie. */
  async trained(
    name: string,
    steps: number,
    settings: readonly string[],
  ): Promise<{ saes: Sae[]; folder: string }> {
    const run = this.run(name, [`training.steps=${steps}`, ...settings]);
    const folder = await this.#context.train(run);
    const { members } = (await folder.readJson("results/evaluation.json")) as {
      readonly members: readonly { readonly name: string }[];
    };
    const saes: Sae[] = [];
    for (const member of members)
      saes.push(await loadSae(this.#context.backend, folder.file("saes", member.name)));
    this.#context.told(`${this.#name}: ${name} trained`);
    return { saes, folder: resolve(folder.path, "saes") };
  }

  async dictionaries(saes: readonly Sae[]): Promise<Dictionary[]> {
    const all: Dictionary[] = [];
    for (const { decoder, dSae, dIn } of saes)
      all.push(await dictionaryOf(this.#context.backend, decoder, dSae, dIn));
    return all;
  }

  /** Trains the encoder of averaged atoms, or of a member's, while the atoms stay. */
  async refitted(sae: Sae, source: Source, atomsStay = true): Promise<Sae> {
    const { backend } = this.#context;
    const { lr, refit } = this.#world;
    // Rows that members have seen as well: those of the beginning.
    await source.train.seek(this.#start ?? source.train.state());
    this.#start ??= source.train.state();
    const pause = async () => {};
    const fit = { steps: refit, batch: this.#batch, lr, seed: this.#seed, l0: 1 };
    return refitSae(backend, sae, source, { ...fit, atomsStay, pause });
  }

  #start: ReturnType<Source["train"]["state"]> | undefined;

  get #batch(): number {
    return this.#name === "stories" ? 1024 : 1000;
  }

  /** Stages that each encode what the former ones leave, of this width and with this k. */
  async boosted(name: string, { dSae, k }: { readonly dSae: number; readonly k: number }) {
    const stages: Sae[] = [];
    const folders: string[] = [];
    for (let stage = 1; stage <= STAGES; stage++) {
      const { saes, folder } = await this.trained(`${name}-${stage}`, this.#world.steps, [
        "population.members=1",
        `population.d_sae=${dSae}`,
        `population.k=${k}`,
        `population.seed=${1000 * stage + this.#seed}`,
        ...(folders.length > 0 ? [`source.residual_of=${JSON.stringify(folders)}`] : []),
      ]);
      stages.push(saes[0]!);
      folders.push(join(folder, "member-0"));
    }
    return boostOf(stages);
  }

  /** Groups of latents of some SAEs. */
  async groups(saes: readonly Sae[]): Promise<LatentGroup[]> {
    const dictionaries = await this.dictionaries(saes);
    return groupLatents(this.#context.backend, dictionaries, this.#world.tau);
  }

  /** The consensus of latents in at least `least` SAEs, with a refitted encoder. */
  async consensus(
    saes: readonly Sae[],
    source: Source,
    {
      least,
      fill,
      atomsStay,
    }: { readonly least: number; readonly fill: boolean; readonly atomsStay?: boolean },
  ): Promise<Sae | undefined> {
    const { backend } = this.#context;
    const dictionaries = await this.dictionaries(saes);
    const all = await this.groups(saes);
    const width = fill ? this.#world.dSae : Number.POSITIVE_INFINITY;
    const agreed = all.filter(({ latents }) => latents.length >= least).slice(0, width);
    if (agreed.length === 0) return undefined;
    const groups = fill ? await fillUp(backend, dictionaries, agreed, width) : agreed;
    const averaged = consensusSae(backend, saes, dictionaries, groups);
    return this.refitted(averaged, source, atomsStay);
  }
}

/** Everything that is compared in a world, in the order of its table. */
export async function competitors(
  context: ComputeContext,
  name: string,
  world: World,
  seed: number,
): Promise<{ members: Sae[]; independent: Sae; all: Competitor[]; source: Source }> {
  const { architecture, steps, refit, dSae, k, rivals, longer } = world;
  const own = new Competitors(context, name, world, seed);
  const { saes: population, folder } = await own.trained("members", steps, [
    `population.members=${MEMBERS}`,
    "population.independent=1",
  ]);
  const [members, independent] = [population.slice(0, MEMBERS), population[MEMBERS]!];
  const source = await context.open(own.run("rows", ["training.steps=1"]));
  const all: Competitor[] = [];
  const add = (arm: string, cost: number, sae: Coder | undefined) => {
    if (sae) all.push({ arm, sae, steps: cost });
  };
  const together = MEMBERS * steps + refit;
  add("filled", together, await own.consensus(members, source, { least: 2, fill: true }));
  add("least-2", together, await own.consensus(members, source, { least: 2, fill: false }));
  add("least-3", together, await own.consensus(members, source, { least: 3, fill: false }));
  const long = await own.trained("long", together, [
    "population.members=1",
    "population.decay_fraction=0.5",
  ]);
  add("long", together, long.saes[0]);
  if (!rivals) return { members, independent, all, source };
  const moving = { least: 2, fill: true, atomsStay: false };
  add("filled-on", together, await own.consensus(members, source, moving));
  for (const n of [2, 3])
    add(
      `of-${n}`,
      n * steps + refit,
      await own.consensus(members.slice(0, n), source, { least: 2, fill: true }),
    );
  add("pooled", together, await own.consensus(members, source, { least: 1, fill: false }));
  add("member-refit", steps + refit, await own.refitted(members[0]!, source));
  add("member-free", steps + refit, await own.refitted(members[0]!, source, false));
  const on = await own.trained("member-on", refit, [
    "population.members=1",
    `population.init_from=${JSON.stringify(join(folder, "member-0"))}`,
    "population.decay_fraction=0.5",
  ]);
  add("member-on", steps + refit, on.saes[0]);
  add("bag", MEMBERS * steps, bagOf(members));
  context.told(`${name}: merged and refitted`);
  if (architecture === TIED) {
    const untied = await own.trained("long-untied", together, [
      "population.architecture=topk",
      "population.members=1",
      "population.decay_fraction=0.5",
    ]);
    add("long-untied", together, untied.saes[0]);
  }
  const wide = await own.trained("wide", steps, [
    "population.members=1",
    `population.d_sae=${MEMBERS * dSae}`,
  ]);
  add("wide", MEMBERS * steps, wide.saes[0]);
  add("boost", STAGES * steps, await own.boosted("boost", { dSae, k }));
  // A stage of a quarter of the width costs about a quarter.
  const narrow = { dSae: dSae / STAGES, k: k / STAGES };
  add("boost-narrow", steps, await own.boosted("boost-narrow", narrow));
  const quarter = await own.trained("quarter", steps, [
    `population.members=${MEMBERS}`,
    `population.d_sae=${narrow.dSae}`,
    `population.k=${narrow.k}`,
  ]);
  add("bag-narrow", steps, bagOf(quarter.saes));
  if (longer) {
    const second = await own.trained("members-long", MEMBERS * steps, [
      `population.members=${MEMBERS}`,
      "population.decay_fraction=0.5",
    ]);
    add("members-long", MEMBERS * steps, second.saes[0]);
    add(
      "long-least-3",
      MEMBERS * MEMBERS * steps + refit,
      await own.consensus(second.saes, source, { least: 3, fill: false }),
    );
  }
  return { members, independent, all, source };
}
