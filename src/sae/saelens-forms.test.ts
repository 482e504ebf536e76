import { describe, expect, test } from "vitest";
import type { SaeSelection } from "./sae.ts";
import { SAELENS_FORMS, saelensDifference, saelensForm } from "./saelens-forms.ts";

/** A folder with these tensors. */
function folder(tensors: Record<string, number[]>) {
  const take = (name: string) => {
    if (!(name in tensors)) throw new Error(`no ${name}`);
    return Float32Array.from(tensors[name]!);
  };
  return {
    dSae: tensors["b_enc"]?.length ?? 0,
    has: (name: string) => name in tensors,
    take,
    scalar: (name: string) => take(name)[0]!,
  };
}

const form = (name: string) => SAELENS_FORMS.find((one) => one.name === name)!;
const K = { k: 2, relu: true };

describe("a selection as SAELens keeps it", () => {
  test.each<[string, SaeSelection, object]>([
    ["standard", { kind: "relu" }, {}],
    ["topk", { kind: "topk", k: 3, relu: true }, { k: 3, rescale_acts_by_decoder_norm: false }],
    ["topk", { kind: "topk", k: 3, relu: false }, { k: 3, rescale_acts_by_decoder_norm: false }],
    ["jumprelu", { kind: "jumprelu", thresholds: Float32Array.of(1, 2) }, {}],
  ])("is %s: %j", (name, selection, keys) => {
    expect(saelensForm(selection)).toMatchObject({ name, keys });
  });

  test("thresholds are a tensor, not text in cfg.json", () => {
    const thresholds = Float32Array.of(1, 2);
    const { tensors, own } = saelensForm({ kind: "jumprelu", thresholds });
    expect(tensors["threshold"]).toBe(thresholds);
    expect(own).toEqual({ kind: "jumprelu" });
  });

  test.each<SaeSelection>([
    { kind: "relu" },
    { kind: "topk", k: 2, relu: true },
    { kind: "jumprelu", thresholds: Float32Array.of(0.5, 0) },
  ])("comes back as it was: %j", (selection) => {
    const { name, tensors } = saelensForm(selection);
    const kept = Object.entries(tensors).map(([key, values]) => [key, [...values]]);
    const read = form(name).read(
      folder({ b_enc: [3, 4], ...Object.fromEntries(kept) }),
      new Float32Array(4),
      K,
    );
    expect(read.selection).toEqual(selection);
    expect([...read.encoderBias]).toEqual([3, 4]);
  });
});

describe("reading", () => {
  test("takes the logarithm of a threshold where a folder has that", () => {
    const { selection } = form("jumprelu").read(
      folder({ b_enc: [0, 0], log_threshold: [0, Math.log(2)], threshold: [9, 9] }),
      new Float32Array(4),
      K,
    );
    const { thresholds } = selection as Extract<SaeSelection, { kind: "jumprelu" }>;
    expect(thresholds[0]).toBe(1);
    expect(thresholds[1]).toBeCloseTo(2, 6);
  });

  test("a missing threshold is not taken for zero", () => {
    const read = () => form("jumprelu").read(folder({ b_enc: [0] }), new Float32Array(2), K);
    expect(read).toThrow("no threshold");
  });

  test("folds a gate: active where the gate is open, with the magnitude as value", () => {
    // Two latents in one dimension. Gate: x · 1 + b_gate > 0. Magnitude: x · e^r + b_mag.
    const encoder = Float32Array.of(1, 1);
    const { selection, encoderBias } = form("gated").read(
      folder({ b_mag: [1, 0], b_gate: [-2, -0.5], r_mag: [Math.log(2), 0] }),
      encoder,
      K,
    );
    const { thresholds } = selection as Extract<SaeSelection, { kind: "jumprelu" }>;
    const value = (x: number, latent: number) => {
      const score = x * encoder[latent]! + encoderBias[latent]!;
      return score > Math.max(0, thresholds[latent]!) ? score : 0;
    };
    expect(value(3, 0)).toBeCloseTo(7, 5);
    expect(value(1.9, 0)).toBe(0);
    expect(value(2.1, 0)).toBeCloseTo(5.2, 5);
    expect(value(0.4, 1)).toBe(0);
    expect(value(0.6, 1)).toBeCloseTo(0.6, 5);
  });
});

test("what SAELens makes something else of is said, and nothing where the two agree", () => {
  const said = (selection: SaeSelection) => saelensDifference({ selection });
  expect(said({ kind: "topk", k: 2, relu: false })).toContain("sets negative activations to zero");
  expect(said({ kind: "topk", k: 2, relu: true })).toBeUndefined();
  expect(said({ kind: "relu" })).toBeUndefined();
  expect(said({ kind: "jumprelu", thresholds: Float32Array.of(1) })).toBeUndefined();
});

test("forms have names and kinds of their own; a folder without a name is the first", () => {
  const names = SAELENS_FORMS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toBe("standard");
});
