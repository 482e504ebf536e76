/**
 * @file Evidence of a run that is made up: two members of `latents` latents, whose cards obey their
 *   schemas. Latent `i` is active in rows of its own, whose text is `word<i>`.
 */

import { expected } from "../../src/errors.ts";
import type {
  Example,
  FeaturesSummary,
  LatentCard,
  LatentColumns,
  ListedLatent,
} from "../../src/evidence/card.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";

const MEMBERS = ["member-0", "member-1"];

function example(latent: number, number: number, prefix = ""): Example {
  return {
    row: 1000 * latent + number,
    value: 1 + number,
    held_out: true,
    where: `document ${number}`,
    group: number,
    pieces: [
      { text: "a", value: 0 },
      { text: ` ${prefix}word${latent}`, value: 1 + number },
    ],
    peak: 1,
  };
}

/** A dead latent for every tenth. */
const densityOf = (latent: number) => (latent % 10 === 9 ? 0 : (latent + 1) / 1000);

function cardOf(member: string, latent: number, latents: number): LatentCard {
  const dead = densityOf(latent) === 0;
  const some = (from: number, n: number) =>
    dead ? [] : Array.from({ length: n }, (_, i) => example(latent, from + i));
  return {
    member,
    latent,
    latents,
    label: dead ? "" : `" word${latent}"`,
    rows: 100_000,
    active_rows: Math.round(100_000 * densityOf(latent)),
    density: densityOf(latent),
    dead,
    mean: dead ? null : 2,
    max: dead ? null : 9,
    quantiles: [{ at: 0.5, value: 2 }],
    histogram: { bin_width: 1, counts: [1, 2] },
    alignment: 0.9,
    initial_distance: null,
    recurrence: null,
    partners: [],
    nearest: [{ latent: (latent + 1) % latents, value: 0.4 }],
    coactive: [],
    rebuilt: [],
    examples: {
      top: some(0, 3),
      quantiles: [{ from: 0, to: 9, share: 1, examples: some(3, 3) }],
      random: some(6, 3),
      near_misses: [],
    },
    rules: [{ kind: "token", text: `" word${latent}"`, precision: 1, recall: 1, rows: 0.01 }],
    logits: null,
    logits_absent: "made up",
    notes: [],
    figures: [],
  };
}

function listed(member: string, latent: number): ListedLatent {
  return {
    member,
    latent,
    label: `" word${latent}"`,
    density: densityOf(latent),
    found_in: 1,
    mean_cosine: 0.9,
    best_rule: null,
  };
}

/** results/features.json of such evidence. */
export function smallSummary(latents: number): FeaturesSummary {
  return {
    version: 1,
    kind: "synthetic",
    unit: "rows",
    rows: 100_000,
    held_out_rows: 1000,
    around: 8,
    threshold: 0.7,
    members: MEMBERS.map((name) => ({
      name,
      latents,
      dead: Math.floor(latents / 10),
      compared_with: MEMBERS.filter((other) => other !== name),
      null_cosine: 0.2,
      null_found_in: 0,
      recurring: [0, latents],
    })),
    most_recurrent: [listed("member-0", 0)],
    most_idiosyncratic: [listed("member-1", 1)],
    left_out: [],
  };
}

/**
 * Evidence that is open.
 *
 * @param onClose Told when it is closed.
 */
export function smallEvidence(latents = 40, onClose = () => {}): Evidence {
  const requireMember = (member: string) => {
    if (!MEMBERS.includes(member)) throw expected("member", `one of ${MEMBERS.join()}`, member);
  };
  const each = <T>(of: (latent: number) => T) => Array.from({ length: latents }, (_, i) => of(i));
  return {
    summary: smallSummary(latents),
    async columns(member): Promise<LatentColumns> {
      requireMember(member);
      return {
        member,
        label: each((i) => `word${i}`),
        density: each(densityOf),
        max: each(() => 9),
        mean: each(() => 2),
        alignment: each(() => 0.9),
        found_in: each(() => 1),
        mean_cosine: each(() => 0.9),
        truth: null,
        map: null,
      };
    },
    async card(member, latent) {
      requireMember(member);
      if (latent >= latents) throw expected("latent", `below ${latents}`, latent);
      return cardOf(member, latent, latents);
    },
    async find(query, { member, limit = 10 } = {}) {
      const members = MEMBERS.filter((name) => member === undefined || name === member);
      return members
        .flatMap((name) => each((i) => listed(name, i)))
        .filter(({ label }) => label.includes(query))
        .slice(0, limit);
    },
    async close() {
      onClose();
    },
  };
}
