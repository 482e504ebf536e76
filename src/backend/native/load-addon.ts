/** @file Finds and loads the compiled addon, keeping the reason when it cannot be loaded. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Backend } from "../backend.ts";

/** What the addon exports: the kernels by the same names, and its set-up. */
export type Addon = Omit<Backend, "name" | "isa" | "threads" | "float32" | "int32" | "bytes"> & {
  configure(options: { isa: string; threads: number }): {
    isa: string;
    threads: number;
    /** Instruction sets this machine can run, best first, separated by spaces. */
    available: string;
  };
  /** Address of the first element modulo 64. */
  addressOf(view: ArrayBufferView): number;
  /** Asks the system to back memory that nobody has touched yet with large pages. */
  preferLargePages(view: Uint8Array): void;
};

export type LoadedAddon =
  | { readonly addon: Addon; readonly path: string }
  | { readonly addon: undefined; readonly reason: string };

/** `src/backend/native` and `dist/backend/native` are both three folders below the package. */
const PACKAGE_ROOT = resolve(import.meta.dirname, "../../..");

export function loadAddon(): LoadedAddon {
  const path = join(PACKAGE_ROOT, "build", "native", "concord.node");
  if (!existsSync(path))
    return {
      addon: undefined,
      reason: `the native core is not built (no ${path}); run npm run build:native`,
    };
  try {
    return { addon: createRequire(import.meta.url)(path) as Addon, path };
  } catch (error) {
    return { addon: undefined, reason: `${path} could not be loaded: ${messageOf(error)}` };
  }
}
