/**
 * @file Makes wrong calls of an addon's kernels on every instruction set: fuzz-addon.ts
 *   <concord.node> <calls>; see scripts/test-sanitized.mjs.
 */

import { createRequire } from "node:module";
import type { Addon } from "../../src/backend/native/load-addon.ts";
import { fuzzKernels } from "./fuzz-kernels.ts";

const [path, count] = process.argv.slice(2) as [string, string];
const addon = createRequire(import.meta.url)(path) as Addon;
for (const isa of addon.configure({ isa: "", threads: 2 }).available.split(" ")) {
  addon.configure({ isa, threads: 2 });
  const { refused, answered } = await fuzzKernels(addon, 2, Number(count));
  process.stdout.write(`${isa}: ${refused} wrong calls refused, ${answered} answered\n`);
}
