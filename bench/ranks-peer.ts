/** @file One of the other ranks of `bench/ranks.ts`: it gathers as often as rank 0 does. */

import { connectGloo } from "../src/backend/ranks/gloo-exchange.ts";

const [rank, size, repeats, folder, ...lengths] = process.argv.slice(2);
const exchange = await connectGloo({
  rank: Number(rank),
  size: Number(size),
  folder: folder!,
  address: "127.0.0.1",
  timeoutMs: 60_000,
});
const each = lengths.map(Number);
const all = new Uint8Array(each.reduce((sum, length) => sum + length, 0));
const mine = new Uint8Array(each[exchange.rank]!);
for (let i = 0; i < Number(repeats); i++) await exchange.gather(mine, all, each, 60_000);
exchange.close();
