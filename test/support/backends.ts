/** The backends that tests run on: the native core once per instruction set of this machine. */
import type { Backend } from "../../src/backend/backend.ts";
import { loadAddon } from "../../src/backend/native/load-addon.ts";
import { nativeBackend } from "../../src/backend/native/native-backend.ts";
import { referenceBackend } from "../../src/backend/reference/reference-backend.ts";

const loaded = loadAddon();

export const nativeIsas: readonly string[] =
  loaded.addon === undefined
    ? []
    : loaded.addon.configure({ isa: "", threads: 2 }).available.split(" ");

if (loaded.addon === undefined) console.log(`native backend skipped: ${loaded.reason}`);

/**
 * Opens the native core on one instruction set. There is one core per process: the last call
 * decides for all.
 */
export function openNative(isa: string, threads = 2): Backend {
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  return nativeBackend(loaded.addon, { isa, threads });
}

export const reference = referenceBackend();

/** Names for `describe.each`: "reference" and each instruction set. */
export const backendNames: readonly string[] = ["reference", ...nativeIsas];

export function openNamed(name: string, threads = 2): Backend {
  return name === "reference" ? reference : openNative(name, threads);
}
