#!/usr/bin/env node
/** @file The command line. */

import { runCommand } from "./run-command.ts";

// A reader that goes away, as `head` does, ends no run: what is said to it is lost, and nothing
// else.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

process.exitCode = await runCommand(process.argv.slice(2));
