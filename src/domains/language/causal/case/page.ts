/** @file A case study as a Markdown page. */

import type { Intervention } from "../../../../sae/interventions.ts";
import type { CaseStudy, Example } from "./case-study.ts";

/** Text of a model in a line of Markdown: nothing of it is markup. */
export function literal(text: string): string {
  const shown = text
    .replaceAll("\n", "↵")
    .replaceAll("\t", "→")
    .replace(/\p{Cc}/gu, "�");
  return shown.replace(/[\\`*_{}[\]<>()#+!|~&]/g, (mark) => `\\${mark}`);
}

const digits = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";

/** A Markdown table. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

const quoted = (token: string) => `“${literal(token)}”`;
const exampleLine = ({ before, token, after, activation }: Example) =>
  `- ${digits(activation)}: …${literal(before)}**[${literal(token)}]**${literal(after)}…`;

/** A change in words. */
function changeWords({ kind, value }: Intervention): string {
  if (kind === "add") return `${digits(value)} added to every activation`;
  if (kind === "clamp") return `clamped to ${digits(value)}`;
  return value === 0 ? "ablated" : `scaled by ${digits(value)}`;
}

function regexSection({ pattern, scores }: CaseStudy["regex"][number]): string {
  const ends = (value: number, interval: readonly [number, number] | undefined) =>
    interval ? `${digits(value)} [${digits(interval[0])}, ${digits(interval[1])}]` : "–";
  const rows = scores.map((one) => [
    one.threshold === 0 ? "any" : `> ${one.threshold} of the largest`,
    String(one.both),
    String(one.latentOnly),
    String(one.regexOnly),
    ends(one.precision, one.precisionInterval),
    ends(one.recall, one.recallInterval),
  ]);
  const head = ["active", "both", "latent only", "pattern only", "precision", "recall"];
  return `## Pattern ${literal(`/${pattern}/`)}\n\n${table(head, rows)}\n\nTokens that a match covers in part count as matched. Intervals are Wilson's, 95 %; neighbouring tokens\nare not independent, so they are too narrow.`;
}

/** The page. */
export function casePage(study: CaseStudy): string {
  const { name, latent, model, hook, tokens, active, largest, mean } = study;
  const { examples, firedOn, regex, logits, crossEntropy, changes } = study;
  const parts = [
    `# Latent ${latent} of ${literal(name)}`,
    `${literal(model)} at ${literal(hook)}. On ${tokens} tokens it is active in ${active} (${digits((100 * active) / tokens)} %), at most ${digits(largest)}, on average ${digits(mean)} where it is active.`,
    "## Where it is strongest",
    examples.map(exampleLine).join("\n"),
    "## What it is active on",
    table(
      ["token", "times", "share of its activation"],
      firedOn.map(({ token, times, share }) => [quoted(token), String(times), digits(share)]),
    ),
    ...regex.map(regexSection),
  ];
  if (logits) {
    const rows = logits.top.map((top, i) => {
      const bottom = logits.bottom[i];
      return [
        quoted(top.text),
        digits(top.value),
        bottom ? quoted(bottom.text) : "",
        bottom ? digits(bottom.value) : "",
      ];
    });
    parts.push(
      "## What its atom adds to the logits",
      table(["most", "logit", "least", "logit"], rows),
      "The atom goes straight through the final norm and the unembedding: what the layers between make of it is left out.",
    );
  }
  parts.push(
    "## What changing it costs",
    table(
      ["change", "cross-entropy", "KL(unchanged ‖ changed)"],
      [
        ["as it is", digits(crossEntropy), "0"],
        ...changes.map(({ intervention, crossEntropy: after, divergence }) => [
          changeWords(intervention),
          digits(after),
          digits(divergence),
        ]),
      ],
    ),
    "Nats per token, over the same text.",
  );
  return `${parts.join("\n\n")}\n`;
}
