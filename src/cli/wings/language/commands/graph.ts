/** @file concord graph: the ablation graph between the SAEs of two hooks. */

import { ablationGraph } from "../../../../domains/language/causal/graph/ablation-graph.ts";
import { graphFigure } from "../../../../domains/language/figures/graph-figure.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { ConfigError } from "../../../../errors.ts";
import { pauseFor } from "../../../../experiments/analyse-run.ts";
import { findSaes } from "../../../../experiments/compare/find-saes.ts";
import { type OpenedSae, openFoundSae } from "../../../../experiments/compare/open-saes.ts";
import { renderFigure } from "../../../../figures/plot/render.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { CollectLine, ProgressLine, short, table } from "../../../output.ts";
import { print, say } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";
import { placeOf } from "./named-place.ts";

interface Options {
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly maxTokens: number;
  readonly latents?: readonly number[];
  readonly most: number;
  readonly edges: number;
  readonly seed: number;
  readonly model?: string;
  readonly root: string;
  readonly out?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Edges in a row of the table. */
const SHOWN = 4;

/** `graph.svg` beside `graph.json`. */
const picturePath = (out: string) => `${out.replace(/\.json$/, "")}.svg`;

export async function graph(fromName: string, toName: string, options: Options): Promise<void> {
  const { backend } = backendFor();
  const signal = interruptSignal();
  const downloads = new CollectLine(process.stderr, () => performance.now());
  const line = new ProgressLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, downloads.download, signal);
  const open = async (name: string): Promise<OpenedSae> => {
    const [found, another] = await findSaes(options.root, [name], { hub: catalogue });
    if (another)
      throw new ConfigError(`${name} has several SAEs, and the graph is between two.`, {
        hint: `Name one: runs/${name}/saes/member-0`,
      });
    return openFoundSae(backend, found!);
  };
  const [from, to] = [await open(fromName), await open(toName)];
  const placed = (name: string, { sae, hookName, modelName }: OpenedSae) => {
    return { name, sae, hook: placeOf([{ name, hookName, modelName }], "hook", undefined) };
  };
  const found = await ablationGraph(backend, {
    ...options,
    model: placeOf([from, to], "model", options.model),
    from: placed(fromName, from),
    to: placed(toName, to),
    text: oneOrMore(options.text),
    catalogue,
    signal,
    threads: backend.threads,
    pause: () => pauseFor(signal),
    onProgress: (done, total) => line.update(() => `ablations: ${done} of ${total}`),
  }).finally(() => {
    downloads.clear();
    line.clear();
  });
  const json = `${JSON.stringify(found)}\n`;
  const { out } = options;
  if (out !== undefined) {
    await writeFileAtomically(out, json);
    await writeFileAtomically(picturePath(out), renderFigure(graphFigure(found)));
    say(`${out}\n${picturePath(out)}\n`);
  }
  if (options.json) return void print(json);
  const rows = found.latents.map((one) => [
    String(one.latent),
    String(one.active),
    short(one.length),
    short(one.drawn_length),
    one.edges
      .slice(0, SHOWN)
      .map(({ latent, change }) => `${latent}: ${short(change)}`)
      .join("  "),
    short(one.drawn_largest),
  ]);
  const head = ["ablated", "tokens", "change, L2", "drawn, L2", "later latents", "drawn, largest"];
  print(`${table(head, rows)}\n`);
  print(`${found.from.hook} → ${found.to.hook}, ${found.tokens} tokens\n`);
}
