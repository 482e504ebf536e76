import { expect, test } from "vitest";
import { checkFigure } from "../../../../test/support/figure.ts";
import type { ErasureResult } from "../causal/erasure/result.ts";
import type { AblationGraph } from "../causal/graph/edges.ts";
import { erasureFigures } from "./erasure-figures.ts";
import { graphFigure } from "./graph-figure.ts";

const graphOf = (latents: AblationGraph["latents"]): AblationGraph => ({
  version: 1,
  model: "m",
  from: { name: "early", hook: "blocks.0.hook_resid_post" },
  to: { name: "late", hook: "blocks.1.hook_resid_post" },
  seed: 0,
  tokens: 99,
  latents,
});
const ablated = (latent: number, drawn: number, ...changes: [number, number][]) => ({
  latent,
  active: 3,
  length: 1,
  drawn_length: 1,
  drawn_largest: drawn,
  edges: changes.map(([to, change]) => ({ latent: to, change, later: 0 })),
});

test("the ablation graph draws the edges that a drawn direction does not reach", () => {
  const graph = graphOf([
    ablated(7, 0.1, [21, -0.9], [22, 0.4], [23, 0.05]),
    ablated(8, 0.5, [22, -0.6], [24, 0.3]),
    ablated(9, 0.5, [25, 0.4]),
  ]);
  const { texts } = checkFigure(graphFigure(graph));
  for (const shown of ["7", "8", "21", "22"]) expect(texts).toContain(shown);
  for (const hidden of ["9", "23", "24", "25"]) expect(texts).not.toContain(hidden);
  expect(texts.join()).toContain("The thickest line is a mean change of 0.900.");
  expect(texts.join()).toContain("1 ablated latents have no such edge.");
});

test("an ablation graph without such edges, or with very many, is still a figure", () => {
  const none = checkFigure(graphFigure(graphOf([ablated(7, 0.5, [21, 0.1])])));
  expect(none.texts.join()).toContain("No latent changes more");
  const many = Array.from({ length: 40 }, (_, i) =>
    ablated(i, 0, [100 + 3 * i, 1], [101 + 3 * i, 1], [102 + 3 * i, 1]),
  );
  const { texts } = checkFigure(graphFigure(graphOf(many)));
  expect(texts.join()).toContain("16 more ablated latents are not drawn.");
});

const at = (mean: number) => ({ mean, interval: [mean - 0.05, mean + 0.05] as [number, number] });
const way = (name: string, group: string, edit: number, text: number | null) => ({
  name,
  group,
  latents: null,
  probe: at(0.7),
  accuracy: at(0.9),
  logit_difference: at(2),
  kl: at(0.2),
  edit,
  text_kl: text,
});
const erasureOf = (text: number | null): ErasureResult => ({
  version: 1,
  model: "m",
  hook: "blocks.0.hook_resid_post",
  task: "pronoun",
  answers: ["he", "she"],
  seed: 0,
  pairs: 8,
  tokens: "all",
  rows: 80,
  held_out_rows: 80,
  score: {
    prompts: 16,
    accuracy: 1,
    accuracy_interval: [0.8, 1],
    first: 0.5,
    logit_difference: 3,
    logit_difference_interval: [2, 4],
  },
  methods: [
    way("nothing erased", "nothing erased", 0, text),
    way("LEACE", "LEACE", 1, text),
    way("member-0, best 2", "member-0, best", 2, text),
    way("member-0, best 1", "member-0, best", 1, text),
  ],
});

test("erasure is drawn by the size of the edit, and by its cost where a text was predicted", () => {
  const figures = erasureFigures(erasureOf(null));
  expect(Object.keys(figures)).toEqual(["probe", "model", "kl"]);
  for (const figure of Object.values(figures)) {
    const { texts } = checkFigure(figure);
    // Ways of one group are one line.
    for (const name of ["nothing erased", "LEACE", "member-0, best"])
      expect(texts.filter((text) => text === name)).toHaveLength(1);
  }
  const { cost } = erasureFigures(erasureOf(0.1));
  expect(checkFigure(cost!).texts.join()).toContain("per token of the text");
});
