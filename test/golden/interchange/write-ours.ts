/**
 * SAEs in every format that keeps them, with their probes, for the programs that these formats are
 * of: `npx tsx test/golden/interchange/write-ours.ts <folder>`, then check_written.py.
 */
import { join } from "node:path";
import { referenceBackend } from "../../../src/backend/reference/reference-backend.ts";
import { convertSae } from "../../../src/interchange/convert.ts";
import { readSae, SAE_FORMATS } from "../../../src/interchange/formats.ts";

const SOURCES: Readonly<Record<string, string>> = {
  relu: "../saelens/theirs/standard",
  topk: "../saelens/theirs/topk",
  "topk-layer-norm": "../saelens/theirs/topk-layer-norm",
  "topk-identity": "openai/TopK-identity",
  jumprelu: "../saelens/theirs/jumprelu",
  gated: "../saelens/theirs/gated",
};

const out = process.argv[2];
if (out === undefined) throw new Error("Name a folder.");
const backend = referenceBackend();
for (const [name, source] of Object.entries(SOURCES)) {
  const folder = join(import.meta.dirname, source);
  const { sae } = await readSae(backend, folder);
  for (const format of SAE_FORMATS)
    if (format.refusal(sae) === undefined)
      await convertSae(backend, folder, join(out, format.name, name), format.name);
}
