import { expect, test } from "vitest";
import { basesDiffer } from "./bases.ts";
import type { RowSet } from "./rows/row-sets.ts";

const place = (modelName?: string, hookName?: string) => ({ modelName, hookName });
const [x, y] = ["x", "y"].map((name) => ({ name }) as RowSet);

test("bases differ where files name different models or hooks", () => {
  const here = place("gpt2", "blocks.3.hook_resid_post");
  expect(basesDiffer(here, place("gpt2", "blocks.3.hook_resid_post"))).toBe(false);
  expect(basesDiffer(here, place("gpt2", "blocks.4.hook_resid_post"))).toBe(true);
  expect(basesDiffer(here, place("pythia-70m", "blocks.3.hook_resid_post"))).toBe(true);
});

test("programs name the same model and hook in their own ways", () => {
  const ours = place("pythia-70m", "blocks.3.hook_resid_post");
  expect(basesDiffer(ours, place("EleutherAI/pythia-70m", "resid_post_layer_3"))).toBe(false);
  expect(basesDiffer(place("m", "resid_post_layer_2"), place("m", "resid_post_layer_3"))).toBe(
    true,
  );
});

test("where files do not say, rows of their own do", () => {
  expect(basesDiffer(place(), place())).toBe(false);
  expect(basesDiffer(place(), place(), x, x)).toBe(false);
  expect(basesDiffer(place(), place("gpt2"), x, y)).toBe(true);
  // Two copies of the rows of one place.
  expect(basesDiffer(place("gpt2"), place("gpt2"), x, y)).toBe(false);
});
