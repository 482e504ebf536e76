/**
 * @file What latents of members are like: their number, moments and atoms, what the most active
 *   explain, and what wider members have of them.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { float32Tensor, type Tensor } from "../base/tensor.ts";
import { matchOneToOne } from "../consistency/matching/one-to-one.ts";
import { MccNulls } from "../consistency/null-model.ts";
import type { AnalysedMember, Analysis, AnalysisContext } from "../domains/analysis.ts";
import { latentSums } from "../evaluate/latent-sums.ts";
import { html, type Markup } from "../figures/html/html.ts";
import { section } from "../figures/html/page.ts";
import { type Column, numberCell, table } from "../figures/html/table.ts";
import { count, fixed } from "../figures/number-text.ts";
import { FOUND_ABOVE, largerFound, largerMmcs } from "../metrics/larger.ts";
import type { LatentSums } from "../metrics/latent-metric.ts";
import { LATENT_METRICS } from "../metrics/registry.ts";
import { LATENTS } from "../runs/latents.ts";
import { parseResult } from "../runs/parse-result.ts";
import { measured } from "../runs/results.ts";
import { settingId } from "../runs/settings.ts";
import { positiveInteger } from "../sources/schema-parts.ts";

const FILE = "latent_statistics";

const options = z.object({
  top: positiveInteger
    .default(10)
    .describe("latents of the largest summed activations that reconstruct alone, in FVU, top"),
});

const member = z.object({
  name: z.string(),
  d_sae: z.number(),
  /** d_sae / d_in. */
  ratio: z.number(),
  dead_fraction: measured,
  /** By name, see metrics/registry.ts. */
  metrics: z.record(z.string(), measured),
  /** Of random atoms of the same shape. */
  random: z.record(z.string(), z.number()),
  /** What the next wider member of the setting has of it; null where there is none. */
  larger: z
    .object({ name: z.string(), mmcs: measured, mmcs_null: measured, found: measured })
    .nullable(),
});

const resultSchema = z.object({ rows: z.number(), top: z.number(), members: z.array(member) });
type Result = z.output<typeof resultSchema>;

/** What was found; without tensors when it is read back. */
interface Found {
  readonly result: Result;
  readonly tensors?: ReadonlyMap<string, Tensor>;
}

/** The next wider member whose setting is the same but for the width. */
function widerOf(one: AnalysedMember, members: readonly AnalysedMember[]) {
  const rest = ({ setting }: AnalysedMember) =>
    settingId(Object.fromEntries(Object.entries(setting).filter(([key]) => key !== "d_sae")));
  return members
    .filter(({ sae }) => sae.dSae > one.sae.dSae)
    .filter((other) => rest(other) === rest(one))
    .toSorted((a, b) => a.sae.dSae - b.sae.dSae)[0];
}

async function largerOf(
  { backend, members }: AnalysisContext,
  nulls: MccNulls,
  one: AnalysedMember,
): Promise<Result["members"][number]["larger"]> {
  const wider = widerOf(one, members);
  if (!wider) return null;
  const { mean, cosine, pairs } = await matchOneToOne(backend, one.dictionary, wider.dictionary);
  return {
    name: wider.name,
    mmcs: mean,
    mmcs_null: await nulls.of(one.sae.dSae, wider.sae.dSae, one.sae.dIn),
    found: cosine.filter((c) => c > FOUND_ABOVE).length / pairs,
  };
}

/** Mean and standard deviation of every latent, zeros among its activations. */
function momentTensors(name: string, { rows, powers }: LatentSums): [string, Tensor][] {
  const mean = Float32Array.from(powers[0], (sum) => sum / rows);
  const deviation = Float32Array.from(powers[1], (sum, f) =>
    Math.sqrt(Math.max(0, sum / rows - (powers[0][f]! / rows) ** 2)),
  );
  return [
    [`${name}.activation_mean`, float32Tensor([mean.length], mean)],
    [`${name}.activation_deviation`, float32Tensor([mean.length], deviation)],
  ];
}

async function analyse(
  context: AnalysisContext,
  { top }: { readonly top: number },
): Promise<Found> {
  const { backend, members, source, pause } = context;
  const saes = members.map(({ sae }) => sae);
  const { rows } = source.heldOut;
  const sums = await latentSums(backend, saes, source.heldOut, { top, pause });
  const nulls = new MccNulls(backend);
  const found: Result["members"] = [];
  for (const [i, one] of members.entries()) {
    await pause();
    const { dSae, dIn } = one.sae;
    const own = sums[i]!;
    found.push({
      name: one.name,
      d_sae: dSae,
      ratio: dSae / dIn,
      dead_fraction: own.activeRows.filter((n) => n === 0).length / dSae,
      metrics: Object.fromEntries(LATENT_METRICS.map((m) => [m.name, m.compute(own)])),
      random: Object.fromEntries(
        LATENT_METRICS.flatMap((m) => (m.random ? [[m.name, m.random({ dSae, dIn })]] : [])),
      ),
      larger: await largerOf(context, nulls, one),
    });
  }
  const tensors = new Map(members.flatMap(({ name }, i) => momentTensors(name, sums[i]!)));
  return { result: { rows, top, members: found }, tensors };
}

type Row = Result["members"][number];

/** Numbers of a member by their head, with decimals; undefined where it has none. */
function cellsOf(row: Row): readonly (readonly [string, number | null | undefined, number])[] {
  const of = (name: string) => row.metrics[name];
  return [
    ["d_sae", row.d_sae, 0],
    ["d_sae / d_in", row.ratio, 2],
    ["dead", row.dead_fraction, 4],
    ["active", of("active_latents"), 0],
    ["FVU, top", of("top_fvu"), 4],
    ["FVU, rest", of("rest_fvu"), 4],
    ["skewness", of("latent_skewness"), 2],
    ["kurtosis", of("latent_kurtosis"), 1],
    ["neurons", of("neurons_per_latent"), 1],
    ["(random)", row.random["neurons_per_latent"], 1],
    ["capacity", of("capacity"), 4],
    ["(random)", row.random["capacity"], 4],
    ["MMCS, larger", row.larger?.mmcs, 4],
    ["(null)", row.larger?.mmcs_null, 4],
    [`found > ${FOUND_ABOVE}`, row.larger?.found, 4],
  ];
}

const sentence = ({ rows, top }: Result) =>
  `Latents on ${count(rows)} held-out rows. Top: the ${top} latents of the largest summed activations. Skewness and kurtosis are medians of live latents. MMCS is with the next wider member of the setting.`;

function sections({ result }: Found): Markup {
  const heads = result.members[0] ? cellsOf(result.members[0]).map(([head]) => head) : [];
  const columns: Column<Row>[] = [
    { head: "member", cell: ({ name }) => name },
    ...heads.map(
      (head, i): Column<Row> => ({
        head,
        kind: head.startsWith("(") ? "null" : "number",
        cell(row) {
          const [, value, decimals] = cellsOf(row)[i]!;
          return value === undefined ? "–" : numberCell(value, decimals);
        },
      }),
    ),
  ];
  return section(
    "Latents",
    html`<p>${sentence(result)}</p>${table("What the latents of members are like", columns, result.members)}`,
  );
}

export const latentStatistics = {
  name: FILE,
  summary:
    "What latents are like: how many are active, what the most active explain, moments, capacity, and what wider members have of them",
  options,
  onRequest: true,
  applies: () => true,
  analyse,
  results: ({ result, tensors }) => ({
    json: { [FILE]: result },
    ...(tensors && { tensors: { [LATENTS]: tensors } }),
  }),
  async read(folder) {
    const path = folder.file("results", `${FILE}.json`);
    if (!existsSync(path)) return undefined;
    const json = await folder.readJson(`results/${FILE}.json`);
    return { result: parseResult(resultSchema, json, path) };
  },
  sections,
  table({ result }) {
    const [first] = result.members;
    return {
      title: sentence(result),
      header: ["member", ...(first ? cellsOf(first).map(([head]) => head) : [])],
      rows: result.members.map((row) => [
        row.name,
        ...cellsOf(row).map(([, value, decimals]) =>
          value === undefined ? "–" : fixed(value, decimals),
        ),
      ]),
    };
  },
  metrics: [...LATENT_METRICS, largerMmcs, largerFound],
} as const satisfies Analysis<Found, { readonly top: number }>;
