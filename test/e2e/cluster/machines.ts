/**
 * @file Machines for tests of queues: network namespaces of this host on one bridge, each with its
 *   own address, whose links can be cut. Needs root and iproute2.
 */

import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The address of this host on the bridge. */
export const BRIDGE = "10.78.0.1";

const NAME = "ccq";

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });

/** Why there can be no machines here; undefined when there can. */
export function whyNoMachines(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    ip("netns", "add", `${NAME}-try`);
    ip("netns", "del", `${NAME}-try`);
    return undefined;
  } catch (error) {
    return `ip netns does not work here (${(error as Error).message.split("\n")[0]})`;
  }
}

/** Makes `count` machines. @returns Their names. */
export function makeMachines(count: number): string[] {
  removeMachines();
  ip("link", "add", NAME, "type", "bridge");
  ip("addr", "add", `${BRIDGE}/24`, "dev", NAME);
  ip("link", "set", NAME, "up");
  return Array.from({ length: count }, (_, i) => {
    const [machine, inner] = [`${NAME}${i}`, `${NAME}${i}-in`];
    ip("netns", "add", machine);
    ip("link", "add", `${machine}-out`, "type", "veth", "peer", "name", inner);
    ip("link", "set", `${machine}-out`, "master", NAME, "up");
    ip("link", "set", inner, "netns", machine);
    ip("-n", machine, "addr", "add", `10.78.0.${10 + i}/24`, "dev", inner);
    ip("-n", machine, "link", "set", inner, "up");
    ip("-n", machine, "link", "set", "lo", "up");
    return machine;
  });
}

/** Cuts a machine off, or connects it again. */
export function setLink(machine: string, state: "up" | "down"): void {
  ip("link", "set", `${machine}-out`, state);
}

/** Removes all machines. */
export function removeMachines(): void {
  const names = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  for (const name of names.filter((one) => one.startsWith(NAME))) ip("netns", "del", name);
  try {
    ip("link", "del", NAME);
  } catch {
    // There is none.
  }
}

/** Starts a program on a machine; undefined: on this host. */
export function startOn(
  machine: string | undefined,
  command: readonly string[],
  options: SpawnOptions,
) {
  const [program, ...args] =
    machine === undefined ? command : ["ip", "netns", "exec", machine, ...command];
  return spawn(program!, args, options);
}

/** Processes of this host whose command line holds `text`, and zombies among all of them. */
export function processesWith(text: string): { pid: number; line: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return line.includes(text) ? [{ pid: Number(name), line }] : [];
    } catch {
      return [];
    }
  });
}

/** Children of this process that have ended and were not waited for. */
export function zombies(): number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return state === "Z" && Number(parent) === process.pid ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
