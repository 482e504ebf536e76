/**
 * @file h5wasm, NIST's build of the HDF5 library for WebAssembly, loaded when the first HDF5 file
 *   is opened. It is an optional peer dependency: 4 MB that only this format needs. Nothing of a
 *   damaged file leaves its memory.
 */

import { installCommand } from "../../../backend/native/package-root.ts";
import { ConcordError, messageOf } from "../../../errors.ts";

type H5wasm = typeof import("h5wasm/node");

/** @throws {ConcordError} `backend/unavailable` with the command that installs it. */
export async function loadH5wasm(path: string): Promise<H5wasm> {
  try {
    const h5wasm = await import("h5wasm/node");
    const { activate_throwing_error_handler: throwErrors } = await h5wasm.ready;
    // Otherwise the library prints them.
    throwErrors();
    return h5wasm;
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "which is not installed"
      : `which does not load: ${messageOf(cause)}`;
    throw new ConcordError(
      "backend/unavailable",
      `Reading ${path}, an HDF5 file, needs the package h5wasm, ${problem}.`,
      { cause, hint: `Install it: ${installCommand("h5wasm@0.10")}.` },
    );
  }
}
