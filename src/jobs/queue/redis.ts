/** @file The Redis server behind a queue: reached, tried, and complained of in words. */

import type { Redis } from "ioredis";
import { ConcordError, ConfigError, messageOf } from "../../errors.ts";

/** What BullMQ needs. */
const LEAST_VERSION = [6, 2] as const;
/** How long a server may take to answer for the first time. */
const CONNECT_MS = 5000;
/** The longest wait between two attempts to reach a server that is away. */
const MOST_WAIT_MS = 2000;

/** Loads what talks to Redis. @throws {ConcordError} `backend/unavailable` where it is absent. */
export async function loadQueueLibraries(): Promise<{
  readonly Client: typeof Redis;
  readonly bullmq: typeof import("bullmq");
}> {
  try {
    const [{ Redis: Client }, bullmq] = await Promise.all([import("ioredis"), import("bullmq")]);
    return { Client, bullmq };
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing ? "are not installed" : `do not load: ${messageOf(cause)}`;
    throw new ConcordError(
      "backend/unavailable",
      `A queue needs the packages bullmq and ioredis, which ${problem}.`,
      { cause, hint: "npm install bullmq@6 ioredis@6, or use --on local or --on slurm." },
    );
  }
}

/** The address without the password, for people. */
export function showRedis(url: URL): string {
  return `${url.hostname}:${url.port || "6379"}`;
}

/**
 * The address of a Redis server.
 *
 * @throws {ConfigError} for anything that is not `redis://` or `rediss://`. It never shows the
 *   password.
 */
export function parseRedis(text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== "") return url;
  throw new ConfigError(
    text === undefined
      ? "Expected the address of a Redis server, but none is given."
      : "Expected the address of a Redis server as redis://host:6379.",
    {
      hint: "Give --redis redis://host:6379, or set CONCORD_REDIS; only the latter for a password.",
    },
  );
}

/** Why a server cannot be used. */
function refusal(error: unknown, url: URL): ConcordError {
  const text = messageOf(error);
  const known: readonly (readonly [RegExp, string, string])[] = [
    [
      /WRONGPASS|invalid username-password|invalid password/i,
      "refuses the password",
      "Check the user and the password in CONCORD_REDIS.",
    ],
    [/LOADING/, "is still reading its file", "Try again in a moment."],
    [/NOAUTH/, "asks for a password", "Set CONCORD_REDIS=redis://:password@host:6379."],
    [/NOPERM/, `does not allow it (${text})`, "Give the user all commands on keys of the queue."],
    [
      /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|Connection is closed/,
      `does not answer (${text})`,
      "Start it (redis-server --appendonly yes), or check the address and the firewall.",
    ],
  ];
  // After a password that it refuses, a server asks for one again.
  const isRefused = url.password !== "" && /NOAUTH/.test(text);
  const found = isRefused ? known[0] : known.find(([pattern]) => pattern.test(text));
  return new ConcordError(
    "network/failed",
    `Redis at ${showRedis(url)} ${found?.[1] ?? `cannot be used: ${text}`}.`,
    {
      cause: error,
      ...(found && { hint: found[2] }),
    },
  );
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]);
}

/**
 * Tries a server: that it answers, takes the password and is new enough.
 *
 * @returns What a person should know of it, a line each: jobs that a crash would lose, for example.
 * @throws {ConcordError} `network/failed` in one line.
 */
export async function tryRedis(url: URL): Promise<string[]> {
  const { Client } = await loadQueueLibraries();
  const client = new Client(url.href, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: CONNECT_MS,
    // It prints what it finds.
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let failure: unknown;
  client.on("error", (error) => {
    failure ??= error;
  });
  try {
    await client.connect();
    const info = await client.info("server");
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? "0";
    if (isOld(version))
      throw new ConcordError(
        "network/failed",
        `Redis at ${showRedis(url)} has version ${version}; a queue needs ${LEAST_VERSION.join(".")} or later.`,
        { hint: "Debian 12 and Ubuntu 22.04 have 6.2 or later: apt install redis-server." },
      );
    return await advice(client, url);
  } catch (error) {
    throw error instanceof ConcordError ? error : refusal(failure ?? error, url);
  } finally {
    client.disconnect();
  }
}

/** What its settings mean for a queue. Servers of providers often do not tell. */
async function advice(client: Redis, url: URL): Promise<string[]> {
  const setting = async (name: string) => {
    const [, value] = (await client.config("GET", name).catch(() => [])) as string[];
    return value;
  };
  const where = `Redis at ${showRedis(url)}`;
  const lines: string[] = [];
  if ((await setting("appendonly")) === "no")
    lines.push(
      `${where} keeps jobs in memory only, and forgets them when it restarts: redis-cli config set appendonly yes`,
    );
  const policy = await setting("maxmemory-policy");
  if (policy !== undefined && policy !== "noeviction")
    lines.push(
      `${where} may drop jobs when its memory is full: redis-cli config set maxmemory-policy noeviction`,
    );
  return lines;
}

/**
 * A connection that waits for a server that is away.
 *
 * @param say Told in one line when the server goes and when it comes back.
 */
export async function openRedis(url: URL, say: (text: string) => void): Promise<Redis> {
  const { Client } = await loadQueueLibraries();
  const client = new Client(url.href, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), MOST_WAIT_MS),
  });
  let isAway = false;
  client.on("error", (error) => {
    if (!isAway) say(`Redis at ${showRedis(url)} is away (${messageOf(error)}); waiting for it`);
    isAway = true;
  });
  client.on("ready", () => {
    if (isAway) say(`Redis at ${showRedis(url)} is back`);
    isAway = false;
  });
  return client;
}
