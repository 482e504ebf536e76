/** @file What more a person can do on this machine for the sake of wings. */

import { installRuntimeCommand } from "../../inference/onnxruntime.ts";

/**
 * A line for each thing that is missing.
 *
 * @param versions Of libraries, `missing` for one that is not installed.
 */
export function wingAdvice(versions: Readonly<Record<string, string>>): string[] {
  if (versions["onnxruntime-node"] !== "missing") return [];
  return [`to run language models, run: ${installRuntimeCommand()}`];
}
