/** @file Finds and loads the compiled addon, or says why it cannot be loaded. */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Backend } from "../backend.ts";
import { PACKAGE_ROOT, typedPath } from "./package-root.ts";

/** What the addon exports: the kernels under the same names, and functions that set it up. */
export type Addon = Omit<Backend, "name" | "isa" | "threads" | "float32" | "int32" | "bytes"> & {
  configure(options: { isa: string; threads: number }): {
    isa: string;
    threads: number;
    /** Instruction sets this machine can run, best first, separated by spaces. */
    available: string;
  };
  /** Address of the first element modulo 64. */
  addressOf(view: ArrayBufferView): number;
  /** Asks the system for large pages behind memory that was never touched. */
  preferLargePages(view: Uint8Array): void;
  /** The version of the kernel interface that it was built with. */
  readonly kernelInterface?: number;
};

export type LoadedAddon =
  | {
      readonly addon: Addon;
      readonly path: string;
      /** Whether its sources are known to differ from those of this package. */
      readonly isOfOtherSources: boolean;
    }
  | { readonly addon: undefined; readonly reason: string };

/**
 * The version of the kernel interface, that is, which kernels exist and what arguments they take.
 * It equals `kKernelInterface` in native/node/addon.cpp; raise both together.
 */
const KERNEL_INTERFACE = 4;

const require = createRequire(import.meta.url);

/** The package with a prebuilt core for this kind of machine, for those without a compiler. */
export const PREBUILT = `concord-sae-${process.platform}-${process.arch}`;

/** The command that builds this package's core, from any folder. */
export function buildCommand(): string {
  return `npm --prefix ${typedPath(PACKAGE_ROOT)} run build:native`;
}

/** The core that was built here, or else that of the prebuilt package; undefined without both. */
function findCore(): string | undefined {
  const own = join(PACKAGE_ROOT, "build", "native", "concord.node");
  if (existsSync(own)) return own;
  try {
    return require.resolve(`${PREBUILT}/concord.node`);
  } catch {
    return undefined;
  }
}

/**
 * Whether the record beside the core names other sources than those in native/. False when either
 * is unknown.
 */
function isOfOtherSources(core: string): boolean {
  try {
    const record = JSON.parse(readFileSync(join(dirname(core), "concord.json"), "utf8"));
    const { sourcesOf } = require(join(PACKAGE_ROOT, "scripts", "native-sources.cjs"));
    return record.sources !== sourcesOf(join(PACKAGE_ROOT, "native"));
  } catch {
    return false;
  }
}

export function loadAddon(): LoadedAddon {
  const path = findCore();
  if (path === undefined)
    return {
      addon: undefined,
      reason: `the native core is not built; run ${buildCommand()}`,
    };
  let addon: Addon;
  try {
    addon = require(path) as Addon;
  } catch (error) {
    return { addon: undefined, reason: `${path} could not be loaded: ${messageOf(error)}` };
  }
  if (addon.kernelInterface !== KERNEL_INTERFACE)
    return {
      addon: undefined,
      reason: `${path} was built for another version of Concord; run ${buildCommand()}`,
    };
  return { addon, path, isOfOtherSources: isOfOtherSources(path) };
}
