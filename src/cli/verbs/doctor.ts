/** @file What is typed behind `concord doctor`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addDoctor(program: Command): void {
  addVerb(program, "doctor", {
    group: "setup",
    library: "measureBackend",
    summary: "say what Concord runs on here and how fast, and what is missing",
    examples: [["doctor", "takes about three seconds"]],
  })
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/doctor.ts")).doctor));
}
