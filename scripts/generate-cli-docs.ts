// Writes docs/cli.md from the commands as they are. A test says when to run it:
//   npx tsx scripts/generate-cli-docs.ts
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { cliPage } from "../src/cli/cli-page.ts";
import { makeProgram } from "../src/cli/program.ts";

writeFileSync(resolve(import.meta.dirname, "../docs/cli.md"), cliPage(makeProgram()));
