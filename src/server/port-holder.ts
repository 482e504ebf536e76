/** @file Who listens on a port of this machine, as far as Linux tells. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process, with the command that started it. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** The state of a socket that listens, in /proc/net/tcp. */
const LISTENS = "0A";

/** What `read` gives; undefined where the system does not let us, or does not have it. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Inodes of the sockets that listen on a port, of IPv4 and IPv6. */
function listeningSockets(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    (orNothing(() => readFileSync(path, "utf8")) ?? "").split("\n"),
  );
  const inodes = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENS)
    .map((fields) => fields[9]!);
  return new Set(inodes);
}

/**
 * The process that listens on a port. Undefined where nobody does, on systems without /proc, and
 * for processes of other persons, whose files are not ours to see.
 */
export function portHolder(port: number): PortHolder | undefined {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return undefined;
  const pids = (orNothing(() => readdirSync("/proc")) ?? []).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = orNothing(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    const holds = files.some((file) => {
      const target = orNothing(() => readlinkSync(`/proc/${pid}/fd/${file}`));
      const inode = /^socket:\[(\d+)\]$/.exec(target ?? "")?.[1];
      return inode !== undefined && sockets.has(inode);
    });
    if (!holds) continue;
    const words = orNothing(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
    return { pid: Number(pid), command: words.split("\0").join(" ").trim() };
  }
  return undefined;
}
