import { expect, test } from "vitest";
import { parseConfig } from "../config/load-config.ts";
import { requireMemory } from "./require-memory.ts";

const GIB = 2 ** 30;
const LIMITS = { machine: 16 * GIB, heap: 4 * GIB };

function config(population: string) {
  const text = `name: x\nsource: { kind: synthetic, d_in: 64 }\npopulation: ${population}\ntraining: { steps: 1 }\n`;
  return parseConfig(text, "x.yaml")[0]!.config;
}

const lists = (n: number) => JSON.stringify(Array.from({ length: n }, (_, i) => i + 1));

test.each([
  "{ d_sae: 4, members: 100000000 }",
  "{ d_sae: 4, independent: 100000000 }",
  "{ d_sae: 1048576, members: 1000 }",
  `{ d_sae: ${lists(200)}, k: ${lists(200)}, warmup_steps: ${lists(200)}, aux_k: { k_aux: ${lists(200)} } }`,
])("%s is refused at once", (population) => {
  const start = performance.now();
  expect(() => requireMemory(config(population), LIMITS)).toThrow(
    /^The population has \d+ members, which take at least [\d.e+]+ GiB of memory; there are (4|16) GiB here\.$/,
  );
  expect(performance.now() - start).toBeLessThan(1000);
});

test("the width counts once it is known, and what fits passes", () => {
  const large = config("{ d_sae: 65536, members: 20 }");
  requireMemory(large, LIMITS);
  expect(() => requireMemory(large, LIMITS, 16_384)).toThrow(/ 20 members/);
});
