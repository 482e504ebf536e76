import { expect, test } from "vitest";
import { METRICS } from "./all-metrics.ts";

test("names are unique and every metric says what it is", () => {
  expect(METRICS.size).toBe(34);
  for (const name of [
    "mse",
    "fvu",
    "explained_variance",
    "l0",
    "l1",
    "dead_fraction",
    "latent_density",
    "mean_max_cosine",
    "mmcs",
    "mcc",
    "shared",
    "gt_mcc",
    "pw_mcc",
    "independent_mcc",
  ])
    expect(METRICS.has(name), name).toBe(true);
  for (const metric of METRICS.values())
    for (const text of [metric.label, metric.formula, metric.summary, metric.range, metric.unit])
      expect(text).toMatch(/\S/);
});
