/** @file The card of a latent as text for a terminal, or for a pipe. */

import type { Example, LatentCard } from "../evidence/card.ts";
import { short } from "./output.ts";

/** How a card is printed. */
export interface CardTextOptions {
  /** Examples of each kind. */
  readonly examples: number;
  /** Marks by brightness where a terminal shows it, otherwise by signs. */
  readonly isTerminal: boolean;
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
const two = (value: number | null) => (value === null ? "–" : value.toFixed(2));

/** Text without line breaks and control characters. */
function onOneLine(text: string): string {
  return text
    .replaceAll("\n", "↵")
    .replaceAll("\t", "→")
    .replace(/\p{Cc}/gu, "�");
}

/** One example on a line: the row itself, and what else the latent fires on, are marked. */
function exampleLine({ pieces, peak, value, where }: Example, isTerminal: boolean): string {
  const words = pieces.map((piece, i) => {
    const text = onOneLine(piece.text);
    if (i === peak) return isTerminal ? `\u001b[7m${text}\u001b[27m` : `«${text}»`;
    if (piece.value === 0) return text;
    return isTerminal ? `\u001b[1m${text}\u001b[22m` : `‹${text}›`;
  });
  return `${short(value).padStart(8)}  ${words.join("") || where}`;
}

function exampleLines(title: string, all: readonly Example[], options: CardTextOptions): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, options.examples);
  return ["", title, ...shown.map((one) => exampleLine(one, options.isTerminal))];
}

/** The chip that says how often it was found. */
function foundText({ recurrence }: LatentCard): string {
  if (!recurrence) return "not compared with other members";
  const { found_in: found, of, mean_cosine: mean, spread, null_cosine: none } = recurrence;
  const around = spread === null ? "" : ` ± ${two(spread)}`;
  return `found in ${found} of ${of} other members, cosine ${two(mean)}${around} (null ${two(none)})`;
}

function partnerLines({ partners }: LatentCard): string[] {
  return partners.map(({ member, latent, cosine, counts, code_correlation: correlation }) => {
    const codes = correlation === null ? "" : `, activations correlate ${two(correlation)}`;
    return `  ${member}:${latent}  cosine ${two(cosine)}${counts ? "" : " (does not count)"}${codes}`;
  });
}

function ruleLines({ rules, density }: LatentCard): string[] {
  if (rules.length === 0) return [];
  const lines = rules.map(
    ({ text, precision, recall }) =>
      `  ${onOneLine(text)}  precision ${two(precision)} (chance ${two(density)}), recall ${two(recall)}`,
  );
  return ["", "rules, on rows that training never saw", ...lines];
}

function logitLines({ logits, logits_absent: absent }: LatentCard): string[] {
  if (!logits) return absent === undefined ? [] : ["", `no logits: ${absent}`];
  const words = (side: readonly { readonly text: string }[]) =>
    side.map(({ text }) => JSON.stringify(onOneLine(text))).join(" ");
  return ["", `raises ${words(logits.top)}`, `lowers ${words(logits.bottom)}`];
}

function noteLines({ notes }: LatentCard): string[] {
  return notes.flatMap(({ title, text, scores }) => {
    const values = scores.map(({ name, value, chance }) => {
      const beside = chance === null ? "" : ` (chance ${two(chance)})`;
      return `  ${name} ${two(value)}${beside}`;
    });
    return ["", title, ...(text === "" ? [] : [`  ${onOneLine(text)}`]), ...values];
  });
}

/** The whole card. */
export function cardText(card: LatentCard, options: CardTextOptions): string {
  const { member, latent, label, density, dead, max, mean, alignment, nearest, coactive } = card;
  const { top, random, quantiles, near_misses: misses } = card.examples;
  const others = (list: LatentCard["nearest"]) =>
    list
      .slice(0, 5)
      .map((other) => `${other.latent} (${two(other.value)})`)
      .join(", ");
  const rebuilt = card.rebuilt.map(
    (one) =>
      `nearest subspace: ${one.member} rebuilds it from ${one.latents.join(", ")}, cosine ${two(one.cosine)} (null ${two(one.null_cosine)})`,
  );
  const live = dead
    ? [`dead: active in none of ${card.rows} rows`]
    : [
        `density ${percent(density)} of ${card.rows} rows, mean ${short(mean ?? 0)}, max ${short(max ?? 0)}`,
      ];
  const lines = [
    `${member}:${latent}${label === "" ? "" : `  ${onOneLine(label)}`}`,
    ...live,
    foundText(card),
    ...partnerLines(card),
    ...rebuilt,
    `encoder–decoder alignment ${two(alignment)}`,
    ...(nearest.length > 0 ? [`most similar here: ${others(nearest)}`] : []),
    ...(coactive.length > 0 ? [`most often active together: ${others(coactive)}`] : []),
    ...ruleLines(card),
    ...logitLines(card),
    ...noteLines(card),
    ...exampleLines("drawn at random", random, options),
    ...exampleLines("strongest", top, options),
    ...exampleLines(
      "from strong to weak",
      quantiles.flatMap(({ examples }) => examples.slice(0, 1)),
      { ...options, examples: quantiles.length },
    ),
    ...exampleLines("near misses: its neighbour fires, it does not", misses, options),
  ];
  return `${lines.join("\n")}\n`;
}
