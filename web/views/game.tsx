/** @file The intruder game: four contexts of a latent and one of another; a person finds it. */

import { useState } from "preact/hooks";
import type {
  IntruderScore,
  IntruderSet,
  IntruderSets,
  IntruderVerdict,
} from "../../src/server/api/intruder.ts";
import { useKeys } from "../app/keys.ts";
import { href, setQuery, useRoute } from "../app/route.ts";
import { useAnswer, useSource } from "../data/context.ts";
import { DataError } from "../data/source.ts";
import { SafeSvg } from "../parts/safe-svg.tsx";
import { Command, Empty, Problem, Show } from "../parts/states.tsx";
import { visible } from "../parts/visible.ts";
import { WithFeatures } from "../parts/with-features.tsx";
import { share } from "../parts/words.ts";

/** Sets asked for at once. */
const SETS = 10;

type Context = IntruderSet["contexts"][number];

function ContextText({ context }: { readonly context: Context }) {
  if (context.svg !== null) return <SafeSvg svg={context.svg} label="a row" />;
  return (
    <span class="context">
      {context.pieces.map((piece, i) =>
        i === context.peak ? <mark key={i}>{visible(piece)}</mark> : visible(piece),
      )}
    </span>
  );
}

function Score({ score }: { readonly score: IntruderScore }) {
  const { answers, right, accuracy, interval, chance } = score;
  if (answers === 0) return <p class="score quiet">No answers yet. Chance is {share(chance)}.</p>;
  return (
    <p class="score">
      <strong>{share(accuracy)}</strong> right
      <span class="quiet">
        {" "}
        {right} of {answers}
        {interval && `, 95 % interval ${share(interval[0])} to ${share(interval[1])}`}
      </span>{" "}
      <span class="null">chance {share(chance)}</span>
    </p>
  );
}

function Question({
  run,
  set,
  scores,
  onNext,
}: {
  readonly run: string;
  readonly set: IntruderSet;
  readonly scores: IntruderSets["scores"];
  readonly onNext: () => void;
}) {
  const source = useSource();
  const [choice, setChoice] = useState<number | undefined>();
  const [verdict, setVerdict] = useState<IntruderVerdict | undefined>();
  const [error, setError] = useState<DataError | undefined>();
  const choose = async (picked: number) => {
    if (choice !== undefined || picked >= set.contexts.length) return;
    setChoice(picked);
    try {
      setVerdict(
        await source.post<IntruderVerdict>("intruder", { name: run, id: set.id, choice: picked }),
      );
    } catch (failure) {
      setError(
        failure instanceof DataError ? failure : new DataError("page/failed", String(failure)),
      );
      setChoice(undefined);
    }
  };
  const digits = [0, 1, 2, 3, 4].map((i) => [String(i + 1), () => void choose(i)] as const);
  useKeys({ ...Object.fromEntries(digits), j: () => verdict && onNext() });
  const classOf = (i: number) => {
    if (!verdict) return choice === i ? "chosen" : undefined;
    if (i === verdict.intruder) return "intruder";
    return i === choice ? "wrong" : undefined;
  };
  return (
    <>
      <Score score={(verdict?.scores ?? scores).all} />
      <ol class="contexts">
        {set.contexts.map((context, i) => (
          <li key={i}>
            <button
              type="button"
              class={classOf(i)}
              disabled={choice !== undefined}
              onClick={() => void choose(i)}
            >
              <span class="search-key">{i + 1}</span>
              <ContextText context={context} />
            </button>
          </li>
        ))}
      </ol>
      {error && <Problem error={error} />}
      <div role="status" class="verdict">
        {verdict && (
          <p>
            <strong>{verdict.right ? "Right." : `Wrong: it was ${verdict.intruder + 1}.`}</strong>{" "}
            The other four are of{" "}
            <a href={href(["run", run, "latents", verdict.member, verdict.latent])}>
              {verdict.member} · {verdict.latent}
            </a>
            , the intruder is of{" "}
            <a href={href(["run", run, "latents", verdict.member, verdict.other])}>
              {verdict.other}
            </a>
            .
          </p>
        )}
      </div>
      {verdict && (
        <button type="button" onClick={onNext} aria-keyshortcuts="j">
          Next
        </button>
      )}
    </>
  );
}

function Sets({ run }: { readonly run: string }) {
  const source = useSource();
  const { query } = useRoute();
  const at = Math.max(0, Number(query.get("set") ?? 0) || 0);
  const seed = Math.max(0, Number(query.get("seed") ?? 0) || 0);
  const from = at - (at % SETS);
  const answer = useAnswer(`intruder ${run} ${seed} ${from}`, () =>
    source.get<IntruderSets>("intruder", { name: run, seed, from, count: SETS }),
  );
  return (
    <Show answer={answer} what="the game">
      {({ sets, scores }) => {
        const set = sets[at - from];
        return set ? (
          <Question
            key={set.id}
            run={run}
            set={set}
            scores={scores}
            onNext={() => setQuery({ set: String(at + 1) })}
          />
        ) : (
          <Empty
            title={
              at === 0
                ? "This run has too few active latents for a game."
                : "That was the last one."
            }
          >
            <Score score={scores.all} />
          </Empty>
        );
      }}
    </Show>
  );
}

/** The view. */
export function Game({ name }: { readonly name: string }) {
  const { isLive } = useSource();
  return (
    <article class="game">
      <h1 tabIndex={-1}>Which one does not belong?</h1>
      {isLive ? (
        <>
          <p class="lead">
            Four of these show where one latent is active, one shows where another is.
          </p>
          <WithFeatures name={name}>{() => <Sets run={name} />}</WithFeatures>
        </>
      ) : (
        <Empty title="The game needs a server, which keeps the answers.">
          <Command text="concord serve" />
        </Empty>
      )}
    </article>
  );
}
