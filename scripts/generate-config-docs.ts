// Writes what is generated from the config's schema: configs/config.schema.json and docs/config.md.
// A test says when to run it:
//   npx tsx scripts/generate-config-docs.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { configPage } from "../src/config/config-page.ts";
import { configJsonSchema } from "../src/config/json-schema.ts";

const root = resolve(import.meta.dirname, "..");
mkdirSync(join(root, "docs"), { recursive: true });
writeFileSync(
  join(root, "configs", "config.schema.json"),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);
writeFileSync(join(root, "docs", "config.md"), configPage());
