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
  /** The address of this machine that the others reach. */
  readonly address: string;
  readonly timeoutMs: number;
}

/** Interfaces of a machine as the system lists them. */
type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The address that other ranks reach this machine by.
 *
 * @param chosen An interface or an address of it. Default: the only interface that is not internal.
 * @throws {ConcordError} "argument/invalid" when the machine has no such one, or has several and
 *   none is chosen.
 */
export function rankAddress(interfaces: Interfaces, chosen?: string): string {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.map((address) => ({ name, ...address })),
  );
  const found =
    chosen === undefined
      ? all.filter(({ internal, family }) => !internal && family === "IPv4")
      : all.filter(({ name, address }) => name === chosen || address === chosen);
  if (found.length === 1 || (found.length > 0 && chosen !== undefined)) return found[0]!.address;
  const some = found.length > 0 ? found : all;
  const list = some.map(({ name, address }) => `${name} (${address})`).join(", ");
  throw new ConcordError(
    "argument/invalid",
    chosen === undefined
      ? `Expected --interface: this machine has ${list || "none"}.`
      : `Expected an interface of this machine for --interface (${list}) but received ${chosen}.`,
    { hint: "Choose the fastest network that all machines share." },
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
  const { rank, size, folder, address, timeoutMs } = options;
  const gloo = loadGloo();
  try {
    const group = await gloo.connect({ rank, size, folder, address, timeoutMs });
    return new GlooExchange(gloo, group, options);
  } catch (error) {
    throw new ConcordError(
      "network/failed",
      `Rank ${rank} of ${size} could not connect from ${address}: ${reasonOf(error)}.`,
      {
        cause: error,
        hint: "See that the machines reach each other there (--interface), and start all ranks again.",
      },
    );
  }
}
