import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ARCHITECTURES } from "../sae/registry.ts";
import {
  asKeys,
  EARLY_KEYS,
  LATE_KEYS,
  OPTION_KEYS,
  optionGrids,
  optionKeys,
  optionsAmong,
} from "./architecture-keys.ts";

const one = z.strictObject(optionKeys());
const grids = z.strictObject(optionGrids());

describe("the options of architectures as keys of a config", () => {
  test("are snake_case, each once, and grids vary the early ones first", () => {
    for (const key of OPTION_KEYS) expect(key).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
    expect(new Set(OPTION_KEYS).size).toBe(OPTION_KEYS.length);
    expect(OPTION_KEYS).toEqual([...EARLY_KEYS, ...LATE_KEYS]);
    expect(EARLY_KEYS).toContain("k");
  });

  test("are those of one member, and of a population", () => {
    expect(Object.keys(optionKeys()).sort()).toEqual([...OPTION_KEYS].sort());
    expect(Object.keys(optionGrids()).sort()).toEqual([...OPTION_KEYS].sort());
  });

  test("say what they mean, who listens, and a default", () => {
    for (const [key, schema] of Object.entries(optionKeys())) {
      const about = schema.unwrap().description ?? "";
      expect(about, key).toMatch(/; default \S/);
    }
    const about = (key: "threshold_lr") => optionKeys()[key].unwrap().description;
    expect(about("threshold_lr")).toContain("batchtopk");
    expect(about("threshold_lr")).not.toContain("relu_tied");
  });

  test("of one member are single values; of a population they may be lists", () => {
    expect(one.parse({ k: 8 })).toEqual({ k: 8 });
    expect(one.safeParse({ k: [8, 16] }).success).toBe(false);
    expect(grids.parse({ k: [8, 16] })).toEqual({ k: [8, 16] });
    expect(grids.safeParse({ k: [8, "many"] }).success).toBe(false);
  });

  test("may all be left out, and no others are known", () => {
    expect(one.parse({})).toEqual({});
    expect(one.safeParse({ kk: 8 }).success).toBe(false);
  });

  test("can switch a section off, or set some of its fields", () => {
    expect(one.parse({ aux_k: false })).toEqual({ aux_k: false });
    expect(one.parse({ aux_k: { coefficient: 0.5 } })).toEqual({ aux_k: { coefficient: 0.5 } });
    expect(one.safeParse({ aux_k: { coeficient: 0.5 } }).success).toBe(false);
    expect(one.safeParse({ aux_k: true }).success).toBe(false);
    const lists = { aux_k: { coefficient: [0.5, 1] } };
    expect(grids.parse(lists)).toEqual(lists);
    expect(one.safeParse(lists).success).toBe(false);
  });
});

describe("what architectures are given", () => {
  test("are their options only, by their own names, sections too", () => {
    const keys = { d_sae: 64, lr: 0.1, threshold_lr: 0.01, aux_k: { dead_after_tokens: 5 } };
    expect(optionsAmong(keys)).toEqual({ thresholdLr: 0.01, auxK: { deadAfterTokens: 5 } });
  });

  test("goes back to the keys of a config", () => {
    const keys = { k: 4, threshold_lr: 0.01, aux_k: { k_aux: 3, dead_after_tokens: 5 } };
    expect(asKeys(optionsAmong(keys))).toEqual(keys);
  });

  test("the defaults of every architecture are values that a config could hold", () => {
    for (const architecture of ARCHITECTURES) {
      const defaults = Object.entries(asKeys(architecture.defaults({ dIn: 64, dSae: 256 })));
      const given = Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
      const parsed = one.safeParse(given);
      expect(parsed.error?.issues ?? [], architecture.name).toEqual([]);
    }
  });
});
