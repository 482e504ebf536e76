/**
 * @file The addon over Gloo, the library that carries messages between ranks. It is compiled when
 *   it is first asked for, so that nobody else needs the library.
 *
 * Gloo is BSD-licensed, in Debian and Ubuntu, and what PyTorch uses between processors. A rank that
 * dies is an error in the others; Open MPI would end them all.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ConcordError, messageOf } from "../../errors.ts";
import { PACKAGE_ROOT } from "../native/package-root.ts";

/** What connects a rank to all others; it belongs to the addon. */
export type GlooGroup = object & { readonly isGlooGroup?: never };

/** What native/gloo/gloo.cpp exports. */
export interface Gloo {
  connect(options: {
    readonly rank: number;
    readonly size: number;
    /** An empty folder that all ranks see. */
    readonly folder: string;
    /** An address of this machine. */
    readonly address: string;
    readonly timeoutMs: number;
  }): Promise<GlooGroup>;
  /** As `Exchange.gather`. Errors have the ranks that were lost as `ranks`. */
  gather(options: {
    readonly group: GlooGroup;
    readonly mine: Uint8Array;
    readonly all: Uint8Array;
    readonly lengths: readonly number[];
    readonly timeoutMs: number;
  }): Promise<void>;
  close(options: { readonly group: GlooGroup }): void;
}

const require = createRequire(import.meta.url);

const SOURCE = join(PACKAGE_ROOT, "native", "gloo", "gloo.cpp");

function cannot(reason: string, hint: string): ConcordError {
  return new ConcordError("backend/unavailable", `Ranks cannot exchange anything: ${reason}.`, {
    hint,
  });
}

/** Why the compiler failed, and what to do. */
function compilerError(compiler: string, error: Error | undefined, output: string): ConcordError {
  if (error)
    return cannot(
      `the compiler ${compiler} was not found`,
      "Install a C++ compiler (Debian: apt install g++ libgloo-dev), or train on one machine without --ranks.",
    );
  if (/gloo\/[\w/]+\.h|cannot find -lgloo/.test(output))
    return cannot(
      "the library Gloo was not found",
      "Install it on every machine (Debian, Ubuntu: apt install libgloo-dev), or train on one machine without --ranks.",
    );
  const line = output.split("\n").find((text) => /error/i.test(text)) ?? output.split("\n")[0];
  return cannot(`${SOURCE} did not compile: ${line?.trim() ?? ""}`, "Report it with this line.");
}

/** Compiles the addon into `path`. */
function build(path: string, compiler: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  const headers = [
    require("node-api-headers").include_dir as string,
    dirname(require.resolve("node-addon-api/package.json")),
  ];
  const flags = ["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=9"];
  const { error, status, stderr } = spawnSync(
    compiler,
    [
      ...flags,
      "-DNAPI_CPP_EXCEPTIONS",
      "-DNODE_ADDON_API_DISABLE_DEPRECATED",
      ...headers.map((folder) => `-I${folder}`),
      SOURCE,
      "-lgloo",
      "-o",
      part,
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw compilerError(compiler, error, stderr ?? "");
  // Several ranks may build at once; the last one wins with the same file.
  renameSync(part, path);
}

/** Where the addon is kept, and what compiles it. */
export interface GlooBuild {
  /** Default: `build/native` of this package. */
  readonly folder?: string;
  /** The C++ compiler. Default: `c++`. */
  readonly compiler?: string;
}

/**
 * The addon, compiled before if this source has not been.
 *
 * @throws {ConcordError} "backend/unavailable" when the library or a compiler is missing, or the
 *   addon does not load.
 */
export function loadGloo({
  folder = join(PACKAGE_ROOT, "build", "native"),
  compiler = "c++",
}: GlooBuild = {}): Gloo {
  try {
    const hash = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 12);
    const path = join(folder, `gloo-${hash}.node`);
    if (!existsSync(path)) build(path, compiler);
    return require(path) as Gloo;
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    throw cannot(
      messageOf(error).replace(/\.$/, ""),
      "Install libgloo-dev on this machine, and see that the package's build folder can be written.",
    );
  }
}
