/**
 * @file Writes event files as runs do, for TensorBoard to read:
 *
 *     npx tsx test/golden/tensorboard/write-ours.ts && python test/golden/tensorboard/make.py
 */

import { join } from "node:path";
import { writeOurs } from "./write-events.ts";

await writeOurs(join(import.meta.dirname, "ours"));
