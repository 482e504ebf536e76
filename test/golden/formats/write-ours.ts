/**
 * @file Writes the golden arrays with Concord's own writers, for the other libraries to read back:
 *
 *     npx tsx test/golden/formats/write-ours.ts DIR
 *     python test/golden/formats/make_goldens.py --check DIR
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serializeNpy, writeNpy } from "../../../src/formats/npy.ts";
import { writeSafetensors } from "../../../src/formats/safetensors-file.ts";
import { ALL_DTYPES, goldenTensor, NPY } from "./elements.ts";

const folder = process.argv[2]!;
await mkdir(folder, { recursive: true });
await writeSafetensors(join(folder, "all-dtypes.safetensors"), ALL_DTYPES, { format: "pt" });
for (const [name, t] of NPY) await writeNpy(join(folder, `${name}.npy`), t);
for (const version of [1, 2, 3] as const)
  await writeFile(
    join(folder, `version-${version}.npy`),
    serializeNpy(goldenTensor([3, 5], "float32"), version),
  );
