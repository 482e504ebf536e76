/** @file What the model says with the latent turned up, beside what it says without. */

import { useState } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { significant } from "../../../src/figures/number-text.ts";
import type { SteerAnswer, SteerRequest } from "../../../src/server/api/steer.ts";
import { useRun } from "../../data/answers.ts";
import { useSource } from "../../data/context.ts";
import { DataError } from "../../data/source.ts";
import { Problem } from "../../parts/states.tsx";
import { visible } from "../../parts/visible.ts";

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

/** The box, where the run's rows come from a model that can be steered. */
export function Steer({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  const source = useSource();
  const canSteer = useRun(run).value?.can_steer;
  const [prompt, setPrompt] = useState("Once upon a time");
  const [strength, setStrength] = useState(1);
  const [state, setState] = useState<{
    readonly answer?: SteerAnswer;
    readonly error?: DataError;
    readonly isAsking?: boolean;
  }>({});
  if (!canSteer) return null;
  const max = card.max ?? 1;
  const submit = async (event: Event) => {
    event.preventDefault();
    setState((s) => ({ ...s, isAsking: true }));
    const body: SteerRequest = {
      name: run,
      member: card.member,
      latent: card.latent,
      strength: strength * max,
      prompt,
      tokens: 40,
    };
    try {
      setState({ answer: await source.post<SteerAnswer>("steer", body) });
    } catch (error) {
      setState({
        error: error instanceof DataError ? error : new DataError("page/failed", String(error)),
      });
    }
  };
  const { answer, error, isAsking } = state;
  return (
    <section class="steer">
      <h2>
        Steer <span class="quiet">turn it up, and see what the model says</span>
      </h2>
      <form onSubmit={(event) => void submit(event)}>
        <label class="grow">
          Prompt
          <input
            type="text"
            value={prompt}
            required
            maxLength={10_000}
            onInput={(event) => setPrompt(event.currentTarget.value)}
          />
        </label>
        <label>
          Strength, × its largest activation ({significant(max, 3)})
          <span class="range">
            <input
              type="range"
              min={-5}
              max={5}
              step={0.25}
              value={strength}
              onInput={(event) => setStrength(Number(event.currentTarget.value))}
            />
            <output>{strength}×</output>
          </span>
        </label>
        <button type="submit" disabled={isAsking}>
          {isAsking ? "Writing…" : "Continue"}
        </button>
      </form>
      {error && <Problem error={error} />}
      {answer && (
        <div class="beside" role="status">
          <Continuation title="As it is" prompt={answer.prompt} text={answer.unsteered.text} />
          <Continuation
            title={`With latent ${answer.latent} at ${significant(answer.strength, 3)}`}
            prompt={answer.prompt}
            text={answer.steered.text}
          />
        </div>
      )}
      {answer?.notes.map((note) => (
        <p key={note} class="small quiet">
          {note}
        </p>
      ))}
    </section>
  );
}
