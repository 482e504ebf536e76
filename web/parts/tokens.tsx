/**
 * @file Examples as lines of text, centred on the row that they are of, every token shaded by its
 *   activation. A line opens into the whole context.
 */

import { useState } from "preact/hooks";
import type { Example } from "../../src/evidence/card.ts";
import { significant } from "../../src/figures/number-text.ts";
import { SafeSvg } from "./safe-svg.tsx";
import { visible } from "./visible.ts";

type Piece = Example["pieces"][number];

/** Opacity of the shade, on a logarithmic scale so that weak activations can be seen. */
function shade(value: number, max: number): number {
  if (value <= 0 || max <= 0) return 0;
  return 0.05 + 0.95 * Math.log10(1 + 9 * Math.min(1, value / max));
}

/** Pieces in which the latent is active, each on its own; silent ones next to another as one. */
function runs(
  pieces: readonly Piece[],
  peak: number,
): { text: string; value: number; at: number }[] {
  const merged: { text: string; value: number; at: number }[] = [];
  for (const [i, { text, value }] of pieces.entries()) {
    const last = merged.at(-1);
    if (last && last.value === 0 && value === 0 && i !== peak && last.at !== peak)
      last.text += text;
    else merged.push({ text, value, at: i });
  }
  return merged;
}

function Shaded({
  pieces,
  peak,
  max,
}: {
  readonly pieces: readonly Piece[];
  readonly peak: number;
  readonly max: number;
}) {
  return (
    <>
      {runs(pieces, peak).map(({ text, value, at }) => {
        if (value === 0 && at !== peak) return visible(text);
        const strength = `--a:${shade(value, max).toFixed(3)}`;
        const title = `${visible(text)} ${significant(value)}`;
        return (
          <span key={at} class={at === peak ? "tok peak" : "tok"} style={strength} title={title}>
            {visible(text)}
          </span>
        );
      })}
    </>
  );
}

/** One example. */
export function ExampleLine({
  example,
  max,
  note,
}: {
  readonly example: Example;
  /** Activation that is shaded fully. */
  readonly max: number;
  /** A word about it, in place of its activation. */
  readonly note?: string;
}) {
  const { pieces, peak, value, where, held_out, svg } = example;
  const place = `${where}${held_out ? ", held out" : ""}`;
  if (svg !== undefined && pieces.length === 0)
    return (
      <li class="example-picture">
        <SafeSvg svg={svg} label={`${place}, activation ${significant(value)}`} />
        <span class="small quiet">
          {note ?? significant(value, 3)} · {place}
        </span>
      </li>
    );
  return (
    <li class="example">
      <details>
        <summary>
          <span class="line">
            <span class="before">
              <span>
                <Shaded pieces={pieces.slice(0, peak)} peak={-1} max={max} />
              </span>
            </span>
            <span class="after">
              <Shaded pieces={pieces.slice(peak)} peak={0} max={max} />
            </span>
          </span>
          <span class="value">{note ?? significant(value, 3)}</span>
        </summary>
        <p class="context">
          <Shaded pieces={pieces} peak={peak} max={max} />
        </p>
        <p class="small quiet">
          {place} · activation {significant(value)}
        </p>
      </details>
    </li>
  );
}

/** Several examples: the first ones, and a button for the rest. */
export function Examples({
  examples,
  max,
  first = examples.length,
}: {
  readonly examples: readonly Example[];
  readonly max: number;
  readonly first?: number;
}) {
  const [hasAll, setAll] = useState(false);
  // One more example takes no more room than a button.
  const isCut = !hasAll && examples.length > first + 1;
  const shown = isCut ? examples.slice(0, first) : examples;
  return (
    <>
      <ul class={examples.some(({ pieces }) => pieces.length === 0) ? "pictures" : "examples"}>
        {shown.map((example) => (
          <ExampleLine key={example.row} example={example} max={max} />
        ))}
      </ul>
      {isCut && (
        <button type="button" class="plain small more" onClick={() => setAll(true)}>
          {examples.length - first} more
        </button>
      )}
    </>
  );
}
