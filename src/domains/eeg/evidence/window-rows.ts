/**
 * @file The windows that examples show, kept beside the evidence with where they are from, and read
 *   back as pictures.
 */

import { z } from "zod";
import { toFloat16 } from "../../../base/float16.ts";
import { type Tensor, tensor } from "../../../base/tensor.ts";
import { FormatError } from "../../../errors.ts";
import type { EvidenceRows } from "../../../evidence/evidence-rows.ts";
import { standaloneSvg } from "../../../figures/palette.ts";
import { renderFigure } from "../../../figures/plot/render.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import type { SignalLayout } from "../../../sources/source.ts";
import type { KeptOfLatent, RowDescriber, RowTensors } from "../../evidence-maker.ts";
import { signalLayout } from "../analyses/window-results.ts";
import { type ScalpLayout, scalpLayout } from "../figures/scalp.ts";
import { templateCard } from "../figures/template-card.ts";
import { windowPicture } from "../figures/window-picture.ts";
import { commonFolder } from "../recordings/report-words.ts";
import type { HeldOutWindows } from "../source/sides.ts";
import { keptTemplate } from "./kept-templates.ts";
import { channelNames, templateWords } from "./template-words.ts";

/** Windows that are read at a time. */
const AT_A_TIME = 64;

/** What is said of all windows once. */
const windowFacts = z.object({
  layout: signalLayout,
  /** Names of recordings, without the folder that they share. */
  recordings: z.array(z.string()),
  /** Whether noise was added to the windows. */
  disturbed: z.boolean(),
});

type WindowFacts = z.output<typeof windowFacts>;

/** The facts as they are kept: JSON under one name. */
export function keptFacts(
  layout: SignalLayout,
  from: readonly HeldOutWindows[],
  disturbed: boolean,
): Readonly<Record<string, string>> {
  const names = from.map(({ name }) => name);
  const folder = commonFolder(names);
  const recordings = names.map((name) => name.slice(folder.length));
  return { windows: JSON.stringify({ layout, recordings, disturbed } satisfies WindowFacts) };
}

/**
 * Tensors of the windows that are shown:
 *
 *   rows                   [shown], ascending
 *   recordings, seconds    [shown]: −1 and NaN where it is not known; of stored signal
 *   windows                [shown, channels, samples], float16
 *
 * @param from Of the rows in their order; [] where it is not known.
 */
export async function windowTensors(
  rows: EvidenceRows,
  shown: Int32Array,
  { channels, samples }: SignalLayout,
  from: readonly HeldOutWindows[],
): Promise<Map<string, Tensor>> {
  const { dIn } = rows;
  const windows = new Uint16Array(shown.length * dIn);
  const block = new Float32Array(AT_A_TIME * dIn);
  for (let i = 0, to = 0; i < shown.length; i = to) {
    const first = shown[i]!;
    while (to < shown.length && shown[to]! < first + AT_A_TIME) to++;
    const read = block.subarray(0, (shown[to - 1]! - first + 1) * dIn);
    await rows.read(first, read);
    for (let w = i; w < to; w++)
      for (let j = 0, at = (shown[w]! - first) * dIn; j < dIn; j++)
        windows[w * dIn + j] = toFloat16(read[at + j]!);
  }
  const places = from.flatMap(({ starts }, recording) =>
    starts.map((seconds) => ({ recording, seconds })),
  );
  const recordings = shown.map((row) => places[row]?.recording ?? -1);
  const seconds = Float64Array.from(shown, (row) => places[row]?.seconds ?? Number.NaN);
  return new Map([
    ["rows", tensor("int32", [shown.length], shown)],
    ["recordings", tensor("int32", [shown.length], recordings)],
    ["seconds", tensor("float64", [shown.length], seconds)],
    ["windows", tensor("float16", [shown.length, channels.length, samples], windows)],
  ]);
}

function readFacts(text: string | undefined): WindowFacts {
  const where = "the file of rows";
  try {
    return parseResult(windowFacts, JSON.parse(text ?? "{}"), where);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FormatError(where, `what it says of windows is not JSON: ${error.message}.`);
  }
}

/** `12.5 to 13.5 s` */
function timeWords(from: number, length: number): string {
  const short = (seconds: number) => String(Number(seconds.toFixed(2)));
  return `${short(from)} to ${short(from + length)} s`;
}

/**
 * Draws windows and templates. Of a window the channels are drawn in which the latent's template is
 * the strongest; they are read on demand.
 *
 * @throws {FormatError} for a file whose facts are not those of windows.
 */
export async function windowRowDescriber(tensors: RowTensors): Promise<RowDescriber> {
  const { layout, recordings, disturbed } = readFacts(tensors.facts["windows"]);
  const data = async (name: string) => (await tensors.read(name)).data;
  const rows = (await data("rows")) as Int32Array;
  const recordingOf = (await data("recordings")) as Int32Array;
  const seconds = (await data("seconds")) as Float64Array;
  const { samples, rate } = layout;
  const dIn = layout.channels.length * samples;
  const length = samples / rate;
  const names = channelNames(layout.channels);
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  // Weights between electrodes take a tenth of a second, and text does without.
  let scalp: ScalpLayout | undefined;

  const picture = async (i: number, kept: KeptOfLatent) => {
    const shown = keptTemplate(kept, layout)?.courses ?? [];
    const channels = [];
    for (const { channel } of shown) {
      const start = i * dIn + channel * samples;
      const values = await tensors.elements("windows", start, samples);
      channels.push({ name: names[channel]!, values });
    }
    return channels.length === 0 ? undefined : windowPicture(channels, length);
  };

  return {
    async describe(row, _around, kept) {
      const nowhere = { where: `held-out window ${row}`, group: null, pieces: [], peak: 0 };
      const i = place.get(row);
      if (i === undefined) return nowhere;
      const recording = recordings[recordingOf[i]!];
      const where =
        recording === undefined ? nowhere.where : `${recording}, ${timeWords(seconds[i]!, length)}`;
      const svg = await picture(i, kept);
      return {
        ...nowhere,
        where: disturbed ? `${where}, with added noise` : where,
        group: recording === undefined ? null : recordingOf[i]!,
        ...(svg === undefined ? {} : { svg }),
      };
    },
    async figures(kept) {
      const facts = keptTemplate(kept, layout);
      if (!facts) return [];
      scalp ??= scalpLayout(layout.channels);
      const words = templateWords(facts, names);
      const card = templateCard({
        title: "Template of the atom",
        description: `Map over the scalp, course over time, spectrum. ${words}.`,
        facts,
        channels: names,
        layout: scalp,
      });
      return [{ title: "Template", svg: standaloneSvg(renderFigure(card)) }];
    },
    close: async () => undefined,
  };
}
