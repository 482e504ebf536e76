/** Damaged configs are read or refused in one line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parseConfig } from "../../src/config/load-config.ts";
import { fileOfConfig } from "../../src/config/schema.ts";
import type { Seed } from "./corpus.ts";
import { damaged, texts } from "./damaged.ts";
import { survives } from "./survives.ts";

const CONFIGS = join(import.meta.dirname, "../../configs");
const names = readdirSync(CONFIGS, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".yaml"),
);

const ODD = {
  "anchors that multiply": `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n`,
  "an anchor in itself": "a: &a [*a]\n",
  "brackets without end": "[".repeat(2000),
  "keys that are lists": "? [a, b]\n: c\n",
  "two documents": "a: 1\n---\nb: 2\n",
  "a prototype": "__proto__: { name: x }\nconstructor: { prototype: 1 }\n",
  "a tag": "name: !!js/function 'function () {}'\n",
  "binary data": "name: !!binary aGVsbG8=\n",
  "a merge key": "<<: { name: x }\n",
  "a sweep without end": `name: x\nsource: { kind: synthetic, d_in: [${"1,".repeat(200)}1], features: [${"1,".repeat(200)}1] }\n`,
};

test("damaged YAML", async () => {
  const seeds: Seed[] = names.map((name) => [name, readFileSync(join(CONFIGS, name))]);
  const survival = await survives(damaged([...seeds, ...texts(ODD)], 60), (bytes) =>
    parseConfig(Buffer.from(bytes).toString("utf8"), "x.yaml"),
  );
  expect(survival.parsed).toBeGreaterThan(25);
  expect(survival.refused).toBeGreaterThan(300);
});

test("damaged --set", async () => {
  const base = readFileSync(join(CONFIGS, "quickstart.yaml"), "utf8");
  const seeds = texts({
    one: "coupling.weight=0.3",
    list: "population.k=[2, 4, 8]",
    deep: "population.aux_k.dead_after_tokens=1000",
    prototype: "__proto__.x=1",
  });
  const survival = await survives(damaged(seeds, 400), (bytes) =>
    parseConfig(base, "x.yaml", [Buffer.from(bytes).toString("utf8")]),
  );
  expect(survival.parsed).toBeGreaterThan(25);
  expect(survival.refused).toBeGreaterThan(300);
  expect("x" in {}).toBe(false);
});

test("a config that is kept with its run is read back as the same config", () => {
  const settings = fc.record(
    {
      seed: fc.nat({ max: 1000 }),
      "training.batch": fc.integer({ min: 1, max: 5000 }),
      "population.lr": fc.double({ min: 1e-6, max: 1, noNaN: true }),
      "population.members": fc.integer({ min: 1, max: 9 }),
      "coupling.weight": fc.double({ min: 0, max: 9, noNaN: true }),
      "coupling.matching": fc.constantFrom("hungarian", "max", "symmetric_max"),
      "source.noise": fc.double({ min: 0, max: 1, noNaN: true }),
    },
    { requiredKeys: ["coupling.weight"] },
  );
  const base = readFileSync(join(CONFIGS, "quickstart.yaml"), "utf8");
  fc.assert(
    fc.property(settings, (some) => {
      const sets = Object.entries(some).map(([key, value]) => `${key}=${value}`);
      const [planned] = parseConfig(base, "x.yaml", sets);
      const [again] = parseConfig(stringify(fileOfConfig(planned!.config)), "config.yaml");
      expect(again!.config).toEqual(planned!.config);
    }),
  );
});
