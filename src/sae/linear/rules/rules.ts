/** @file The rule of each kind of selection. */

import type { Selection } from "../spec.ts";
import { batchTopkRule } from "./batch-topk.ts";
import { gatedRule } from "./gated.ts";
import { jumpReluRule } from "./jumprelu.ts";
import { reluRule } from "./relu.ts";
import { reverseRule } from "./reverse.ts";
import type { Rule } from "./rule.ts";
import { topkRule } from "./topk.ts";

const RULES: { readonly [K in Selection["kind"]]: Rule<Extract<Selection, { kind: K }>> } = {
  topk: topkRule,
  relu: reluRule,
  reverse: reverseRule,
  batchtopk: batchTopkRule,
  jumprelu: jumpReluRule,
  gated: gatedRule,
};

/** How a selection trains. */
export function ruleOf(selection: Selection): Rule {
  return RULES[selection.kind] as Rule;
}
