/**
 * @file Saves SAEs as runs do, for SAELens to load:
 *
 *     npx tsx test/golden/saelens/write-ours.ts && python test/golden/saelens/make.py
 */

import { join } from "node:path";
import { saveSae } from "../../../src/interchange/saelens.ts";
import { METADATA, OURS } from "./saes.ts";

for (const [name, sae] of Object.entries(OURS))
  await saveSae(join(import.meta.dirname, "ours", name), sae, METADATA);
