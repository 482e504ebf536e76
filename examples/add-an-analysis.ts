/** An analysis: something found out about a run that has finished, and kept with its results. */
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as concord from "concord-sae";
import { z } from "zod";

const schema = z.object({
  /** Cosine from which two atoms are twins. */
  from: z.number(),
  /** By member: latents with a twin in every other member. */
  twins: z.record(z.string(), z.number()),
});

/**
 * In the repository: `src/analyses/twins.ts` and a line in `analyses.ts`; of one kind of data,
 * `src/domains/<wing>/analyses/twins.ts` and a line in its domain.
 */
export const twins: concord.Analysis<z.output<typeof schema>> = {
  name: "twins",
  summary: "How many latents of each member have a twin in every other one",
  applies: () => true,
  async analyse({ backend, members, pause }) {
    const from = 0.95;
    const counts: Record<string, number> = {};
    for (const { name, dictionary } of members) {
      const least = new Float32Array(dictionary.count).fill(1);
      for (const other of members.filter((member) => member.name !== name)) {
        const { bestOfA } = await concord.bestMatches(backend, dictionary, other.dictionary);
        for (const [latent, value] of bestOfA.entries())
          least[latent] = Math.min(least[latent]!, value);
        await pause();
      }
      counts[name] = least.filter((value) => value >= from).length;
    }
    return { from, twins: counts };
  },
  results: (found) => ({ json: { twins: found } }),
  async read(folder) {
    if (!existsSync(folder.file("results", "twins.json"))) return undefined;
    return schema.parse(await folder.readJson("results/twins.json"));
  },
};

const folder = mkdtempSync(join(tmpdir(), "concord-example-"));
const [planned] = concord.parseConfig(
  `name: tiny
runs_folder: ${folder}
source: { kind: synthetic, d_in: 16, features: 16, groups: 2, active: 3, held_out_rows: 256 }
population: { members: 3, d_sae: 32, k: 4, lr: 0.003 }
training: { batch: 128, steps: 200 }`,
  "tiny.yaml",
);
const { backend } = concord.openBackend();
const catalogue = { cacheDir: folder, offline: true };
const options = { backend, baseFolder: folder, cacheDir: folder, catalogue };
const machine = { host: "here", pid: process.pid, versions: {}, peakMemory: () => 0 };
const time = { clock: () => performance.now(), now: () => new Date() };
const { folder: run } = await concord.trainRun(
  planned!,
  { ...options, ...machine, ...time },
  false,
);
await concord.analyseRun(run, [twins], options);
const { twins: found } = (await twins.read(run))!;
for (const [name, count] of Object.entries(found)) console.log(`${name}: ${count} twins`);
