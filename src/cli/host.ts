/** @file What can be learnt about this machine and this installation without measuring anything. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, platform, release } from "node:os";
import { join } from "node:path";
import { packageVersion } from "./package-version.ts";
import { memoryLimits } from "./process-memory.ts";

export interface HostFacts {
  readonly system: string;
  readonly cpu: string;
  /** Processors that this process may use, and that there are. */
  readonly processors: number;
  readonly allProcessors: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Node, Concord and the libraries that do part of the work, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * What the native core is built with: the first line that each says of itself, null when it is
   * not there.
   */
  readonly tools: Readonly<Record<string, string | null>>;
}

const LIBRARIES = ["onnxruntime-node", "sharp", "@huggingface/tokenizers"];

const require = createRequire(import.meta.url);

/** Version of an installed package, wherever above this file it lies. */
function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, "package.json");
    if (existsSync(path))
      return String((JSON.parse(readFileSync(path, "utf8")) as { version?: unknown }).version);
  }
  return "missing";
}

function firstLineOf(command: string): string | null {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8", timeout: 5000 });
  return status === 0 ? (stdout.split("\n")[0] ?? "") : null;
}

/** Asks the operating system, the installed packages and the compilers. */
export function hostFacts(): HostFacts {
  const processors = cpus();
  return {
    system: `${platform()} ${release()} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    allProcessors: processors.length,
    memoryBytes: memoryLimits().machine,
    freeMemoryBytes: process.availableMemory(),
    versions: {
      concord: packageVersion(),
      node: process.versions.node,
      ...Object.fromEntries(LIBRARIES.map((name) => [name, versionOf(name)])),
    },
    tools: Object.fromEntries(["cmake", "c++", "ninja"].map((name) => [name, firstLineOf(name)])),
  };
}
