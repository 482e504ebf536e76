// The denoising study: trains and evaluates what docs/results/eeg-denoising.json lacks, and writes
// docs/results/eeg-denoising.md.
//   npx tsx scripts/results/eeg-denoising.ts [--page] [--data ../shared/data/eeg]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openBackend } from "../../src/backend/open-backend.ts";
import { type Cell, computeCell } from "./eeg-denoising/cell.ts";
import { type DataSet, openRecordings, SIMULATED } from "./eeg-denoising/data.ts";
import { studyPage } from "./eeg-denoising/page.ts";
import { STUDY } from "./eeg-denoising/settings.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "docs/results");
const numbers = join(folder, "eeg-denoising.json");

const { values } = parseArgs({
  options: {
    page: { type: "boolean", default: false },
    data: { type: "string", default: join(root, "../shared/data/eeg") },
  },
});

/** Cells computed with the settings as they are now. */
function known(): Cell[] {
  if (!existsSync(numbers)) return [];
  const { settings, cells } = JSON.parse(readFileSync(numbers, "utf8"));
  const same = JSON.stringify(settings) === JSON.stringify(STUDY);
  if (!same) console.error("The settings have changed: all is computed anew.");
  return same ? (cells as Cell[]) : [];
}

/** A line for every arm; five digits are more than a seed is good for. */
function numbersText(all: readonly Cell[]): string {
  const short = (value: unknown) =>
    JSON.stringify(value, (_, v) => (typeof v === "number" ? Number(v.toPrecision(5)) : v));
  const texts = all.map(({ arms, ...rest }) => {
    const lines = arms.map((arm) => short(arm)).join(",\n");
    return `${short(rest).slice(0, -1)},"arms":[\n${lines}\n]}`;
  });
  return `{"settings":${JSON.stringify(STUDY)},\n"cells":[\n${texts.join(",\n")}\n]}\n`;
}

function dataSets(): DataSet[] {
  if (existsSync(values.data)) return [...openRecordings(values.data), SIMULATED];
  console.error(`There is no ${values.data}: the open recordings are left out (--data).`);
  return [SIMULATED];
}

mkdirSync(folder, { recursive: true });
const cells = known();
if (!values.page) {
  const { backend } = openBackend();
  for (const seed of STUDY.seeds)
    for (const set of dataSets()) {
      if (cells.some((c) => c.set === set.name && c.seed === seed)) continue;
      const told = (what: string) => console.error(`seed ${seed}, ${set.name}: ${what}`);
      cells.push(await computeCell(backend, set, seed, () => performance.now(), told));
      // After every cell: the study can be interrupted.
      writeFileSync(numbers, numbersText(cells));
    }
}
if (cells.length === 0) throw new Error(`${numbers} holds no numbers yet: run without --page.`);
writeFileSync(join(folder, "eeg-denoising.md"), studyPage(cells));
console.log(`${join(folder, "eeg-denoising.md")}: ${cells.length} cells`);
