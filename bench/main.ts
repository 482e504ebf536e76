/**
 * @file npm run bench -- <name …> [--json]: times ours and, with CONCORD_PEERS set to Python
 *   interpreters that have PyTorch, theirs.
 */

import { cpus } from "node:os";
import type { Backend } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/open-backend.ts";
import { benchArchitectures } from "./architectures.ts";
import { benchCollect } from "./collect.ts";
import { benchAssign, benchCompare } from "./compare.ts";
import { benchEdf } from "./edf.ts";
import { benchEnsemble } from "./ensemble.ts";
import { benchEval } from "./eval.ts";
import { benchFeatures } from "./features.ts";
import type { BenchLine } from "./harness.ts";
import { benchMfrStep, MFR_SETTINGS } from "./mfr-step.ts";
import { benchPage } from "./page.ts";
import { benchPlan } from "./plan.ts";
import { benchRanks } from "./ranks.ts";
import { benchScreen } from "./screen.ts";
import { benchShards } from "./shards.ts";
import { benchSynthetic } from "./synthetic.ts";
import { benchTape } from "./tape.ts";
import { benchTopkStep } from "./topk-step.ts";

const BENCHES: Readonly<Record<string, (backend: Backend) => Promise<readonly BenchLine[]>>> = {
  "topk-step-24576": (b) => benchTopkStep(b, 24576),
  "topk-step-3072": (b) => benchTopkStep(b, 3072),
  "architectures-3072": (b) => benchArchitectures(b, 3072),
  "architectures-24576": (b) => benchArchitectures(b, 24576),
  "ranks-24576": (b) => benchRanks(b, 24576),
  "ranks-3072": (b) => benchRanks(b, 3072),
  screen: benchScreen,
  ...Object.fromEntries(MFR_SETTINGS.map((s) => [s.name, (b: Backend) => benchMfrStep(b, s)])),
  ensemble: benchEnsemble,
  compare: benchCompare,
  assign: benchAssign,
  synthetic: benchSynthetic,
  shards: benchShards,
  collect: benchCollect,
  eval: benchEval,
  features: benchFeatures,
  edf: benchEdf,
  tape: benchTape,
  page: benchPage,
  plan: benchPlan,
};

const args = process.argv.slice(2);
const json = args.includes("--json");
const asked = args.filter((a) => !a.startsWith("--"));
const names = asked.includes("all") ? Object.keys(BENCHES) : asked;
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
  for (const line of await BENCHES[name]!(backend)) {
    if (json) {
      console.log(JSON.stringify({ ...line, cpu: cpus()[0]?.model, node: process.versions.node }));
      continue;
    }
    const { gemm_share: share, gemm_target: least, gemm_reached: isReached } = line;
    const { ms, stages, against, ratio, target, reached } = line;
    console.log(`${name}: ${line.name}: median ${ms.median} ms, min ${ms.min} ms`);
    const parts = Object.entries(stages ?? {}).map(([part, value]) => `${part} ${value}`);
    if (parts.length > 0) console.log(`  ${parts.join("  ")}`);
    if (against && ratio !== undefined) console.log(`  ${against}: ${ratio} times as long`);
    if (target) console.log(`  ${target}: ${reached ? "reached" : "NOT reached"}`);
    if (least)
      console.log(
        `  ${share} of the GEMM's rate; ${least}: ${isReached ? "reached" : "NOT reached"}`,
      );
  }
