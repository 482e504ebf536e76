/** @file The command line of `concord serve`: arguments, options and examples. */

import { type Command, InvalidArgumentError } from "commander";
import { addVerb, lazily } from "../verb.ts";

/** Where the page is unless another port is asked for. */
const PORT = 8420;

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text.trim()) || value > 65_535)
    throw new InvalidArgumentError("Expected a port from 1 to 65535, or 0 for any that is free.");
  return value;
}

export function addServe(program: Command): void {
  addVerb(program, "serve", {
    group: "runs",
    library: "startServer",
    summary: "show runs, their latents and runs that train on a page of this machine's browser",
    examples: [
      ["serve", "the runs in ./runs, at http://127.0.0.1:8420"],
      ["serve runs/mine --port 0", "the runs of a sweep, at a port that is free"],
    ],
  })
    .argument("[runs]", "folder that contains the runs, or a run", "runs")
    .option("--port <number>", "port to listen on; 0 takes any that is free", portNumber, PORT)
    .option("--host <address>", "address to listen on; no other is accepted", "127.0.0.1")
    .option("--offline", "do not download models for steering")
    .option("--json", "print the address as JSON")
    .action(lazily(async () => (await import("../commands/serve.ts")).serve));
}
