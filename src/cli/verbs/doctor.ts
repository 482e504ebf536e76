/** @file The command line of `concord doctor`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addDoctor(program: Command): void {
  addVerb(program, "doctor", {
    group: "setup",
    library: "measureBackend",
    summary: "report the backend, its speed on this machine, and what is missing",
    examples: [["doctor", "takes about three seconds"]],
  })
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/doctor.ts")).doctor));
}
