/** @file Small file systems and read-only folders, for tests of what cannot be written. */

import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";

/**
 * Mounts a small file system on `path` while `body` runs. @returns False where that is not allowed.
 */
export async function withMount(
  path: string,
  options: string,
  body: () => Promise<void>,
): Promise<boolean> {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "pipe" });
  } catch {
    return false;
  }
  try {
    await body();
  } finally {
    execFileSync("umount", [path]);
  }
  return true;
}

/** Gives a file system that {@link withMount} mounted another size. */
export function resizeMount(path: string, size: string): void {
  execFileSync("mount", ["-o", `remount,size=${size}`, path], { stdio: "pipe" });
}

/**
 * Makes the folder `path`, with what is in it, read-only while `body` runs. Modes do not stop root,
 * so there it takes a mount.
 *
 * @returns Why it could not; undefined when `body` ran.
 */
export async function withReadOnly(
  path: string,
  body: () => Promise<void>,
): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o555);
    await body().finally(() => chmodSync(path, 0o755));
    return undefined;
  }
  try {
    execFileSync("mount", ["--bind", path, path], { stdio: "pipe" });
  } catch {
    return "running as root, whom modes do not stop, and nothing can be mounted here";
  }
  try {
    execFileSync("mount", ["-o", "remount,bind,ro", path], { stdio: "pipe" });
    await body();
  } finally {
    execFileSync("umount", [path]);
  }
  return undefined;
}
