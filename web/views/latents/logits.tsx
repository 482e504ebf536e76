/** @file What a latent writes: the tokens that its atom makes likelier and less likely. */

import type { LatentCard } from "../../../src/evidence/card.ts";
import { fixed } from "../../../src/figures/number-text.ts";
import { visibleToken } from "../../parts/visible.ts";

type Logit = NonNullable<LatentCard["logits"]>["top"][number];

function Side({
  title,
  logits,
  kind,
}: {
  readonly title: string;
  readonly logits: readonly Logit[];
  readonly kind: "up" | "down";
}) {
  const most = Math.max(...logits.map(({ value }) => Math.abs(value)), 1e-12);
  return (
    <div>
      <h3>{title}</h3>
      <ol class={`logits ${kind}`}>
        {logits.map(({ text, value }, i) => (
          <li key={`${text} ${i}`} style={`--a:${(Math.abs(value) / most).toFixed(3)}`}>
            <code>{visibleToken(text)}</code>
            <span>{fixed(value, 2)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Both ends of the direct effect on the logits. */
export function Logits({ card }: { readonly card: LatentCard }) {
  const { logits, logits_absent } = card;
  if (!logits && logits_absent === undefined) return null;
  return (
    <section>
      <h2>What it writes</h2>
      {logits ? (
        <>
          <div class="logit-sides">
            <Side title="Likelier" logits={logits.top} kind="up" />
            <Side title="Less likely" logits={logits.bottom} kind="down" />
          </div>
          <p class="small quiet">What its atom adds to the logits, through the final norm.</p>
        </>
      ) : (
        <p class="quiet">{logits_absent}</p>
      )}
    </section>
  );
}
