/**
 * @file sharp, loaded when the first picture is decoded or resized. It is an optional peer
 *   dependency, because its binaries of libvips are large and only pictures in PNG or JPEG need
 *   them.
 */

import { installCommand } from "../../../backend/native/package-root.ts";
import { ConcordError, messageOf } from "../../../errors.ts";

type Sharp = typeof import("sharp")["default"];

/** The command that installs sharp where this package finds it. */
export function installSharpCommand(): string {
  return installCommand("sharp@0.35");
}

/**
 * Loads sharp.
 *
 * @param what What needs it, as in "`what` needs the package sharp": "Decoding cat.png".
 * @throws {ConcordError} `backend/unavailable` with the command that installs it.
 */
export async function loadSharp(what: string): Promise<Sharp> {
  try {
    const { default: sharp } = await import("sharp");
    // Pictures are read once; a cache would only hold memory.
    sharp.cache(false);
    return sharp;
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "which is not installed"
      : `which does not load: ${messageOf(cause)}`;
    throw new ConcordError("backend/unavailable", `${what} needs the package sharp, ${problem}.`, {
      cause,
      hint: `Install it: ${installSharpCommand()}. IDX and .npy files are read without it.`,
    });
  }
}
