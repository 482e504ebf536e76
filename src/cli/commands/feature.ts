/** @file concord feature: the card of one latent. */

import { openEvidence } from "../../analyses/features/open-evidence.ts";
import { ConfigError } from "../../errors.ts";
import { cardText } from "../feature-card.ts";
import { evidencePath } from "../find-evidence.ts";
import { print, printShaded } from "../print.ts";

interface Options {
  readonly root: string;
  readonly examples: number;
  readonly json?: boolean;
}

/** `member-1:232` or `232`, which is one of the first member. */
function parseLatent(text: string, first: string): { member: string; latent: number } {
  const [, member, number] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (number === undefined)
    throw new ConfigError(`Expected the number of a latent but received "${text}".`, {
      hint: `As 232, or ${first}:232.`,
    });
  return { member: member ?? first, latent: Number(number) };
}

export async function feature(run: string, latent: string, options: Options): Promise<void> {
  const evidence = await openEvidence(await evidencePath(options.root, run));
  try {
    const wanted = parseLatent(latent, evidence.summary.members[0]!.name);
    const card = await evidence.card(wanted.member, wanted.latent);
    if (options.json) return print(`${JSON.stringify(card)}\n`);
    const isTerminal = process.stdout.isTTY === true;
    const text = cardText(card, { examples: options.examples, isTerminal });
    if (isTerminal) printShaded(text);
    else print(text);
  } finally {
    await evidence.close();
  }
}
