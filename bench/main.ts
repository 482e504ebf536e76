/**
 * @file npm run bench -- <name …> [--json]: times ours and, with CONCORD_PEERS set to Python interpreters that have PyTorch, theirs.
 */

import type { Backend } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/open-backend.ts";
import { benchEdf } from "./edf.ts";
import type { BenchLine } from "./harness.ts";
import { benchMfrStep, MFR_SETTINGS } from "./mfr-step.ts";
import { benchScreen } from "./screen.ts";
import { benchShards } from "./shards.ts";
import { benchSynthetic } from "./synthetic.ts";
import { benchTopkStep } from "./topk-step.ts";

const BENCHES: Readonly<Record<string, (backend: Backend) => Promise<readonly object[]>>> = {
  "topk-step-24576": (b) => benchTopkStep(b, 24576),
  "topk-step-3072": (b) => benchTopkStep(b, 3072),
  screen: benchScreen,
  ...Object.fromEntries(MFR_SETTINGS.map((s) => [s.name, (b: Backend) => benchMfrStep(b, s)])),
  synthetic: async () => [await benchSynthetic()].flat(),
  shards: async () => benchShards(),
  edf: async () => [await benchEdf()],
};

const args = process.argv.slice(2);
const json = args.includes("--json");
const names = args.filter((a) => !a.startsWith("--"));
const unknown = names.filter((n) => !(n in BENCHES));
if (names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no bench ${unknown.join(", ")}.`);
  console.error(
    `npm run bench -- <name …> [--json]    names: ${Object.keys(BENCHES).join(", ")}, all`,
  );
  process.exit(2);
}
const threads = Number(process.env["CONCORD_THREADS"] ?? 2);
const { backend, fallbackReason } = openBackend({ threads, isa: process.env["CONCORD_ISA"] });
if (fallbackReason) throw new Error(`Benches need the native core: ${fallbackReason}`);
for (const name of names)
  for (const line of (await BENCHES[name]!(backend)) as Partial<BenchLine>[]) {
    if (json) {
      console.log(JSON.stringify(line));
      continue;
    }
    const { ms, against, ratio, target, reached, stages } = line;
    console.log(
      `${name}: ${ms ? `median ${ms.median} ms, min ${ms.min} ms` : JSON.stringify(line)}`,
    );
    if (stages)
      console.log(
        `  ${Object.entries(stages)
          .map(([k, v]) => `${k} ${v}`)
          .join("  ")}`,
      );
    if (against)
      console.log(
        `  ${against}: ${ratio === undefined ? JSON.stringify(line) : `${ratio} times as long`}`,
      );
    if (target) console.log(`  ${target}: ${reached ? "reached" : "NOT reached"}`);
  }
