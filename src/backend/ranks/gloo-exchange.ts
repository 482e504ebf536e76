/** @file An exchange over TCP, by Gloo. */

import type { NetworkInterfaceInfo } from "node:os";
import { ConcordError, messageOf } from "../../errors.ts";
import { type Exchange, LostRankError } from "./exchange.ts";
import { type Gloo, type GlooGroup, loadGloo } from "./load-gloo.ts";

/** How a rank connects to the others. */
export interface GlooOptions {
  readonly rank: number;
  readonly size: number;
  /** A folder that all ranks see, empty and for this attempt alone. */
  readonly folder: string;
  /** The interface of this machine that the others reach, or its address. */
  readonly interface: string;
  readonly timeoutMs: number;
}

/**
 * The address that other machines reach this one by.
 *
 * @param interfaces As the system lists them.
 * @throws {ConcordError} "argument/invalid" when there are several, or none.
 */
export function onlyAddress(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, family }) => !internal && family === "IPv4")
      .map(({ address }) => ({ name, address })),
  );
  if (found.length === 1) return found[0]!.address;
  const list = found.map(({ name, address }) => `${name} (${address})`).join(", ");
  throw new ConcordError(
    "argument/invalid",
    found.length === 0
      ? "Expected a network interface but this machine has none."
      : `Expected one network interface but this machine has ${list}.`,
    { hint: "Choose one with --interface: the fastest that all machines share." },
  );
}

/** What Gloo says without the place in its sources. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^\[[^\]]*\.(?:cc|h):\d+\]\s*/, "");
}

class GlooExchange implements Exchange {
  readonly rank: number;
  readonly size: number;
  readonly #gloo: Gloo;
  readonly #group: GlooGroup;

  constructor(gloo: Gloo, group: GlooGroup, { rank, size }: GlooOptions) {
    this.rank = rank;
    this.size = size;
    this.#gloo = gloo;
    this.#group = group;
  }

  async gather(
    mine: Uint8Array,
    all: Uint8Array,
    lengths: readonly number[],
    timeoutMs: number,
  ): Promise<void> {
    try {
      await this.#gloo.gather({ group: this.#group, mine, all, lengths, timeoutMs });
    } catch (error) {
      const { ranks = [] } = error as { ranks?: readonly number[] };
      if (ranks.length === 0) throw error;
      throw new LostRankError(ranks, reasonOf(error));
    }
  }

  close(): void {
    this.#gloo.close({ group: this.#group });
  }
}

/**
 * Connects to all other ranks.
 *
 * @throws {ConcordError} "backend/unavailable" without Gloo; "network/failed" when a rank cannot be
 *   reached in time.
 */
export async function connectGloo(options: GlooOptions): Promise<Exchange> {
  const { rank, size, folder, timeoutMs, interface: chosen } = options;
  const gloo = loadGloo();
  const isAddress = /[.:]/.test(chosen);
  try {
    const group = await gloo.connect({
      rank,
      size,
      folder,
      host: isAddress ? chosen : "",
      interface: isAddress ? "" : chosen,
      timeoutMs,
    });
    return new GlooExchange(gloo, group, options);
  } catch (error) {
    throw new ConcordError(
      "network/failed",
      `Rank ${rank} of ${size} could not connect from ${chosen}: ${reasonOf(error)}.`,
      {
        cause: error,
        hint: "See that the machines reach each other there (--interface), and start all ranks again.",
      },
    );
  }
}
