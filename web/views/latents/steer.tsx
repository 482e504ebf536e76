/** @file What the model says with the latent changed, beside what it says without. */

import { useState } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { significant } from "../../../src/figures/number-text.ts";
import type {
  EffectsAnswer,
  EffectsBody,
  SteerAnswer,
  SteerBody,
} from "../../../src/server/api/steer.ts";
import { useRun } from "../../data/answers.ts";
import { useSource } from "../../data/context.ts";
import { DataError } from "../../data/source.ts";
import { Problem } from "../../parts/states.tsx";
import { visible } from "../../parts/visible.ts";
import { SteerEffects } from "./steer-effects.tsx";
import { changeOf, DEEDS, type Deed, DeedChoice } from "./steer-form.tsx";

function Continuation({
  title,
  prompt,
  text,
}: {
  readonly title: string;
  readonly prompt: string;
  readonly text: string;
}) {
  return (
    <div>
      <h3>{title}</h3>
      <p class="continuation">
        <span class="quiet">{visible(prompt)}</span>
        {visible(text)}
      </p>
    </div>
  );
}

/** What was done, as the title of its text. */
function titleOf({ latent, change, strength }: SteerAnswer): string {
  const amount = significant(strength, 3);
  if (change === "add") return `With ${amount} of latent ${latent} added`;
  if (change === "clamp") return `With latent ${latent} clamped to ${amount}`;
  return strength === 0 ? `Without latent ${latent}` : `With latent ${latent} times ${amount}`;
}

/** The box, where the run's rows come from a model that can be steered. */
export function Steer({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  const source = useSource();
  const canSteer = useRun(run).value?.can_steer;
  const [prompt, setPrompt] = useState("Once upon a time");
  const [deed, setDeed] = useState<Deed>("add");
  const [strength, setStrength] = useState(1);
  const [state, setState] = useState<{
    readonly answer?: SteerAnswer;
    readonly effects?: EffectsAnswer;
    readonly error?: DataError;
    readonly isAsking?: boolean;
  }>({});
  if (!canSteer) return null;
  const max = card.max ?? 1;
  const { compared, inActivations } = DEEDS[deed];
  const amount = (value: number) => (inActivations ? value * max : value);
  const submit = async (event: Event) => {
    event.preventDefault();
    setState((s) => ({ ...s, isAsking: true }));
    const of = { name: run, member: card.member, latent: card.latent, change: changeOf(deed) };
    const own = deed === "ablate" ? 0 : strength;
    const body: SteerBody = { ...of, strength: amount(own), prompt, tokens: 40 };
    try {
      const answer = await source.post<SteerAnswer>("steer", body);
      setState({ answer, isAsking: true });
      const strengths = [...new Set([...compared, own])].sort((a, b) => a - b).map(amount);
      const wanted: EffectsBody = { ...of, strengths, text: prompt + answer.unsteered.text };
      setState({ answer, effects: await source.post<EffectsAnswer>("effects", wanted) });
    } catch (error) {
      const problem =
        error instanceof DataError ? error : new DataError("page/failed", String(error));
      setState(({ answer }) => (answer ? { answer, error: problem } : { error: problem }));
    }
  };
  const { answer, effects, error, isAsking } = state;
  return (
    <section class="steer">
      <h2>
        Steer <span class="quiet">change it, and see what the model says</span>
      </h2>
      <form onSubmit={(event) => void submit(event)}>
        <label class="grow">
          Prompt
          <input
            type="text"
            value={prompt}
            required
            maxLength={5000}
            onInput={(event) => setPrompt(event.currentTarget.value)}
          />
        </label>
        <DeedChoice
          deed={deed}
          strength={strength}
          max={significant(max, 3)}
          onStrength={setStrength}
          onDeed={(next) => {
            setDeed(next);
            setStrength(DEEDS[next].range[2]);
          }}
        />
        <button type="submit" disabled={isAsking}>
          {isAsking ? "Writing…" : "Continue"}
        </button>
      </form>
      {error && <Problem error={error} />}
      {answer && (
        <div class="beside" role="status">
          <Continuation title="As it is" prompt={answer.prompt} text={answer.unsteered.text} />
          <Continuation title={titleOf(answer)} prompt={answer.prompt} text={answer.steered.text} />
        </div>
      )}
      {effects && (
        <SteerEffects
          effects={effects}
          unit={effects.change === "scale" ? "factor; 0 ablates, 1 changes nothing" : "activation"}
        />
      )}
      {answer?.notes.map((note) => (
        <p key={note} class="small quiet">
          {note}
        </p>
      ))}
    </section>
  );
}
