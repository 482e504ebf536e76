/** @file Small and read-only file systems for tests of full disks. */

import { execFileSync } from "node:child_process";

/** Mounts a small file system on `path` while `body` runs. @returns False where that is not allowed. */
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
