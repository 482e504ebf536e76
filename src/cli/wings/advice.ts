/** @file What more a person can do on this machine for the sake of wings. */

import { installSharpCommand } from "../../domains/images/pictures/sharp.ts";
import { installRuntimeCommand } from "../../inference/onnxruntime.ts";

/**
 * A line for each thing that is missing.
 *
 * @param versions Of libraries, `missing` for one that is not installed.
 */
export function wingAdvice(versions: Readonly<Record<string, string>>): string[] {
  const lines: string[] = [];
  if (versions["onnxruntime-node"] === "missing")
    lines.push(`to run language models and models of pictures, run: ${installRuntimeCommand()}`);
  if (versions["sharp"] === "missing")
    lines.push(`to read PNG and JPEG pictures, run: ${installSharpCommand()}`);
  return lines;
}
