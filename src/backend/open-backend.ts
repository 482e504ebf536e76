/**
 * @file Chooses the backend: the native core if it is built and loads, otherwise the reference
 *   backend.
 */

import { availableParallelism } from "node:os";
import { ConcordError, ConfigError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { buildCommand, loadAddon } from "./native/load-addon.ts";
import { nativeBackend } from "./native/native-backend.ts";
import { referenceBackend } from "./reference/reference-backend.ts";

/** Which backend to open, and on how much of the machine. */
export interface BackendOptions {
  /** "auto" takes the native core if it can be loaded. */
  readonly kind?: "auto" | "native" | "reference";
  /** Instruction set of the native core (`concord doctor` lists them); empty for the best. */
  readonly isa?: string | undefined;
  /**
   * Threads of the native core; default: the processors that this process may use. At most four per
   * processor are started, or 16 if that is more. Results do not depend on the number, and further
   * threads would only wait.
   */
  readonly threads?: number | undefined;
}

/** A backend, and why this one was chosen. */
export interface OpenedBackend {
  readonly backend: Backend;
  /** Why the native core is not in use, when "auto" fell back. */
  readonly fallbackReason: string | undefined;
  /**
   * Remarks about a backend that works: fewer threads than requested, or a core built from other
   * sources.
   */
  readonly notices: readonly string[];
  /** Whether the native core was built from other sources than this package has. */
  readonly isOfOtherSources: boolean;
  /**
   * Instruction sets of the native core that this machine can run, best first; empty without it.
   */
  readonly availableIsas: readonly string[];
}

/**
 * Opens a backend.
 *
 * @throws {ConcordError} "backend/unavailable" when "native" is requested and cannot be loaded.
 * @throws {ConfigError} when this machine does not have the instruction set.
 */
export function openBackend(options: BackendOptions = {}): OpenedBackend {
  const kind = options.kind ?? "auto";
  const reference = (fallbackReason: string | undefined): OpenedBackend => ({
    backend: referenceBackend(),
    fallbackReason,
    notices: [],
    isOfOtherSources: false,
    availableIsas: [],
  });
  if (kind === "reference") return reference(undefined);
  const loaded = loadAddon();
  if (loaded.addon === undefined) {
    if (kind === "native")
      throw new ConcordError(
        "backend/unavailable",
        `The native backend cannot be used: ${loaded.reason}.`,
      );
    return reference(loaded.reason);
  }
  const asked = options.threads ?? availableParallelism();
  const most = Math.max(16, 4 * availableParallelism());
  const threads = Math.min(asked, most);
  const notices = [
    ...(asked > most
      ? [
          `${asked} threads are more than this machine has a use for: ${most} are started, and results do not depend on it`,
        ]
      : []),
    ...(loaded.isOfOtherSources
      ? [
          `the native core was built from other sources than this package has; run ${buildCommand()}`,
        ]
      : []),
  ];
  const availableIsas = loaded.addon.configure({ isa: "", threads }).available.split(" ");
  if (options.isa && !availableIsas.includes(options.isa))
    throw new ConfigError(
      `Expected an instruction set of this machine (${availableIsas.join(", ")}) but received "${options.isa}".`,
      {
        hint: "CONCORD_ISA or the config's backend.isa requests it. Leave both out for the best one.",
      },
    );
  const backend = nativeBackend(loaded.addon, { isa: options.isa, threads });
  const { isOfOtherSources } = loaded;
  return { backend, fallbackReason: undefined, notices, isOfOtherSources, availableIsas };
}
