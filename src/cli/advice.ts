/**
 * @file What a person can do on this machine so that more works, or works faster: one line each,
 *   with the command.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildCommand, PREBUILT } from "../backend/native/load-addon.ts";
import { PACKAGE_ROOT } from "../backend/native/package-root.ts";
import type { OpenedBackend } from "../backend/open-backend.ts";
import type { HostFacts } from "./host.ts";
import { wingAdvice } from "./wings/advice.ts";

/** Whether this package was released with a prebuilt core for this machine. */
function hasPrebuilt(): boolean {
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8"),
  ) as { optionalDependencies?: Readonly<Record<string, string>> };
  return optionalDependencies?.[PREBUILT] !== undefined;
}

/**
 * The advice of `concord doctor`; empty where nothing is missing.
 *
 * @param fallbackReason As `openBackend` gives it: why the native core is not in use though it was
 *   wanted.
 */
export function advice(
  { versions, tools }: HostFacts,
  { fallbackReason, isOfOtherSources }: Pick<OpenedBackend, "fallbackReason" | "isOfOtherSources">,
): string[] {
  const lines: string[] = [];
  if (fallbackReason !== undefined || isOfOtherSources) {
    const missing = [
      ...(tools["cmake"] === null ? ["CMake 3.18 or newer"] : []),
      ...(tools["c++"] === null ? ["a C++20 compiler"] : []),
    ].join(" and ");
    const first = missing === "" ? "" : `install ${missing} (Debian: apt install cmake g++), then `;
    lines.push(`for full speed, ${first}run: ${buildCommand()}`);
    if (hasPrebuilt())
      lines.push(`for full speed without a compiler, install ${PREBUILT}, which npm did not`);
  }
  return [...lines, ...wingAdvice(versions)];
}
