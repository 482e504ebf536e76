/**
 * @file Automatic interpretation without a language model for a judge. Do rules about tokens
 *   predict a latent in texts that they were not made from? Are its contexts alike?
 */

import { z } from "zod";
import { NOTES_FOLDER } from "../../../evidence/notes.ts";
import { readResult } from "../../../runs/parse-result.ts";
import { positiveInteger } from "../../../sources/schema-parts.ts";
import type { Analysis, AnalysisContext } from "../../analysis.ts";
import { modelBehind, shortName } from "../analyses/model-behind.ts";
import { notesOf } from "./notes.ts";
import { interpretationSections, interpretationTables } from "./pages.ts";
import {
  type InterpretationResult,
  interpretationSchema,
  type SummarisedSae,
  summariseSaes,
} from "./result.ts";

const FILE = "interpretation";

/** As `open-embedders.ts` knows them; models are loaded when this runs. */
const EMBEDDERS = ["n_grams", "hidden_state", "sentence_encoder"] as const;

const options = z.object({
  latents: positiveInteger
    .default(200)
    .describe("latents of each member that are judged, evenly spread by density"),
  rows: positiveInteger
    .default(131_072)
    .describe("tokens that are looked at, half of them unseen in training"),
  fragment: z.int().min(4).max(1024).default(32).describe("tokens of a fragment"),
  embedders: z
    .array(z.enum(EMBEDDERS))
    .default(["n_grams", "hidden_state"])
    .describe(
      "what compares contexts: n_grams (the floor), hidden_state (the model itself, another layer), sentence_encoder",
    ),
  encoder: z
    .string()
    .default("minilm")
    .describe("model of sentence_encoder: name, folder or ONNX file with last_hidden_state"),
});

/** What a config says of it. */
export interface InterpretationOptions {
  readonly latents: number;
  readonly rows: number;
  readonly fragment: number;
  readonly embedders: readonly (typeof EMBEDDERS)[number][];
  readonly encoder: string;
}

async function analyse(
  context: AnalysisContext,
  { latents, rows: most, fragment, embedders: names, encoder }: InterpretationOptions,
): Promise<InterpretationResult> {
  const { backend, members, source, seed, pause, agreement } = context;
  const behind = modelBehind(source)!;
  // Stores, models and tokenizers are loaded when this runs, not with every config.
  const { openText } = await import("./open-text.ts");
  const { Rules } = await import("../evidence/rules.ts");
  const { openEmbedders } = await import("./open-embedders.ts");
  const { LatentJudge } = await import("./judge-latents.ts");
  const { readActivations } = await import("./read-codes.ts");
  const text = await openText(behind, backend, { most, length: fragment });
  try {
    const { fragments, rows, tokens } = text;
    const { heldOutFrom, rows: count } = text.of.rows;
    const opened = await openEmbedders(names, text, encoder);
    try {
      const { embedders } = opened;
      const rules = new Rules(tokens);
      const judge = new LatentJudge({ fragments, rows, heldOutFrom, rules, embedders }, seed);
      const judged: SummarisedSae[] = [];
      for (const [i, { name, label, sae }] of members.entries()) {
        const activations = await readActivations(backend, sae, text.of.rows, async (done) => {
          context.onLooked(i * count + done, members.length * count);
          await pause();
        });
        const recurrence = agreement?.latents.get(`${name}.best_in_others`);
        const found = await judge.judge(name, activations, latents, pause);
        judged.push({ name, label, judged: found, recurrence });
      }
      return {
        version: 1,
        model: shortName(behind.model),
        hook: behind.hook,
        rows: count,
        held_out_rows: count - heldOutFrom,
        fragment,
        embedders: Object.fromEntries(embedders.map(({ name, about }) => [name, about])),
        ...summariseSaes(judged, seed),
        left_out: [...opened.leftOut],
      };
    } finally {
      await opened.close();
    }
  } finally {
    await text.close();
  }
}

export const interpretation = {
  name: FILE,
  summary: "How well rules predict latents in unseen texts, and how alike their contexts are",
  options,
  onRequest: true,
  applies: (source) => modelBehind(source) !== undefined,
  analyse,
  results: (found) => ({ json: { [FILE]: found, [`${NOTES_FOLDER}/${FILE}`]: notesOf(found) } }),
  read: (folder) => readResult(folder, FILE, interpretationSchema),
  sections: interpretationSections,
  table: interpretationTables,
} as const satisfies Analysis<InterpretationResult, InterpretationOptions>;
