/**
 * @file onnxruntime, loaded when the first model is opened. It is an optional peer dependency. Its
 *   install script downloads CUDA libraries, which nobody needs here, and fails where the network
 *   ends at the npm registry.
 */

import { installCommand } from "../backend/native/package-root.ts";
import { ConcordError, messageOf } from "../errors.ts";

export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * The command that installs onnxruntime where this package finds it; its install script, which
 * downloads, does not run.
 */
export function installRuntimeCommand(): string {
  return installCommand("--ignore-scripts onnxruntime-node@1");
}

/**
 * Loads onnxruntime.
 *
 * @throws {ConcordError} `backend/unavailable` with the command that installs it, where it is
 *   missing; with its own reason where it does not load on this machine.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "which is not installed"
      : `which does not load: ${messageOf(cause)}`;
    throw new ConcordError(
      "backend/unavailable",
      `Running a model needs the package onnxruntime-node, ${problem}.`,
      { cause, hint: `Install it: ${installRuntimeCommand()}` },
    );
  }
}
