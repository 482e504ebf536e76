import { describe, expect, test } from "vitest";
import { madeSae } from "../../test/support/made-sae.ts";
import type { Sae, SaeSelection } from "./sae.ts";
import { saelensDifference, saelensForm } from "./saelens-forms.ts";
import { averagedSelection, mostActive, selectionName, selectionText } from "./selection.ts";

const topk = (k: number, relu = true): SaeSelection => ({ kind: "topk", k, relu });
const jump = (...thresholds: number[]): SaeSelection => ({
  kind: "jumprelu",
  thresholds: Float32Array.from(thresholds),
});
const sae = (selection: SaeSelection): Sae => ({ ...madeSae("x"), selection });
const one = (of: number, latent: number, weight: number) => ({ sae: of, latent, weight });

test.each<[SaeSelection, string, number | undefined]>([
  [topk(32), "32 largest", 32],
  [topk(4, false), "4 largest, negative ones too", 4],
  [{ kind: "relu" }, "above zero", undefined],
  [jump(1), "above a threshold", undefined],
])("a selection in words, and how many it lets through (%#)", (selection, text, most) => {
  expect([selectionText(selection), mostActive(selection)]).toEqual([text, most]);
  expect(selectionName(selection)).toBe(selection.kind);
});

describe("the selection of an average", () => {
  test("is that of all, with no more active latents than there are", () => {
    const saes = [sae(topk(4)), sae(topk(4))];
    expect(averagedSelection(saes, [[one(0, 0, 1)]])).toEqual(topk(1));
    const many = Array.from({ length: 9 }, () => [one(0, 0, 1)]);
    expect(averagedSelection(saes, many)).toEqual(topk(4));
    expect(averagedSelection([sae({ kind: "relu" })], many)).toEqual({ kind: "relu" });
  });

  test("has thresholds that are averaged like biases", () => {
    const saes = [sae(jump(1, 2)), sae(jump(3, 5))];
    const latents = [[one(0, 1, 0.5), one(1, 1, 0.5)], [one(1, 0, 1)]];
    expect(averagedSelection(saes, latents)).toEqual(jump(3.5, 3));
  });

  test.each([
    [topk(4), topk(8)],
    [topk(4), topk(4, false)],
    [topk(4), { kind: "relu" } as const],
    [{ kind: "relu" } as const, jump(1)],
  ])("does not exist for different ones (%#)", (a, b) => {
    expect(() => averagedSelection([sae(a), sae(b)], [])).toThrow(
      /^Expected SAEs that select latents in one way but found ".+" and ".+"\.$/,
    );
  });
});

describe("in SAELens's words", () => {
  test("a selection has an architecture, keys and tensors", () => {
    expect(saelensForm({ kind: "relu" })).toMatchObject({
      name: "standard",
      keys: {},
      tensors: {},
    });
    expect(saelensForm(topk(4))).toMatchObject({
      name: "topk",
      keys: { k: 4, rescale_acts_by_decoder_norm: false },
    });
    const { name, tensors } = saelensForm(jump(0.5, 1));
    expect([name, [...tensors["threshold"]!]]).toEqual(["jumprelu", [0.5, 1]]);
  });

  test("only negative activations become something else, and that is said", () => {
    expect(saelensDifference({ selection: topk(4) })).toBeUndefined();
    expect(saelensDifference({ selection: jump(1) })).toBeUndefined();
    expect(saelensDifference({ selection: topk(4, false) })).toContain("negative activations");
  });
});
