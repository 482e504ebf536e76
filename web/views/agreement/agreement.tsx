/** @file How alike the members of a run are: pair by pair, and latent by latent. */

import { useState } from "preact/hooks";
import type { AgreementAnswer } from "../../../src/server/api/agreement.ts";
import { useAgreement } from "../../data/answers.ts";
import { Empty, Show } from "../../parts/states.tsx";
import { share, unit } from "../../parts/words.ts";
import { HeatMap, type Pair } from "./heat-map.tsx";
import { LatentFigures } from "./latent-figures.tsx";

function PairDetails({ pair }: { readonly pair: Pair }) {
  const rows: readonly (readonly [string, string, string])[] = [
    ["MCC", unit(pair.mcc), unit(pair.mcc_null)],
    ["mean max", pair.mean_max.map(unit).join(" · "), pair.mean_max_null.map(unit).join(" · ")],
    ["shared", share(pair.shared), share(pair.shared_null)],
  ];
  return (
    <section class="pair-details" aria-live="polite">
      <h3>
        {pair.a} and {pair.b}
      </h3>
      <p class="small quiet">
        {pair.relation}
        {pair.independent && ", without a coupling between them"}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Measure</span>
            </th>
            <th scope="col" class="n">
              Value
            </th>
            <th scope="col" class="n null">
              Null
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value, nothing]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="n">{value}</td>
              <td class="n null">{nothing}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pair.start && (
        <p class="small quiet">
          Before the first step: atoms of one index {unit(pair.start.same_index)}, mean max{" "}
          {unit(pair.start.mean_max)}{" "}
          <span class="null">null {unit(pair.start.mean_max_null)}</span>.
        </p>
      )}
    </section>
  );
}

function Headline({ answer }: { readonly answer: AgreementAnswer }) {
  const { pw_mcc, pw_mcc_by_setting, sampled_pairs } = answer;
  return (
    <>
      {pw_mcc && (
        <p class="lead">
          Members that differ in their seeds alone agree at a mean MCC of{" "}
          <strong>{unit(pw_mcc.mean)}</strong> <span class="null">null {unit(pw_mcc.null)}</span>.
        </p>
      )}
      {pw_mcc_by_setting.length > 0 && (
        <ul class="notes">
          {pw_mcc_by_setting.map(({ setting, mean, null: nothing, pairs }) => (
            <li key={JSON.stringify(setting)}>
              {Object.entries(setting)
                .map(([key, value]) => `${key} ${String(value)}`)
                .join(", ")}
              : PW-MCC <strong>{unit(mean)}</strong> <span class="null">null {unit(nothing)}</span>,{" "}
              {pairs} pairs
            </li>
          ))}
        </ul>
      )}
      {sampled_pairs && (
        <p class="small quiet">
          {sampled_pairs.compared} of {sampled_pairs.of} pairs were compared, drawn at random.
        </p>
      )}
    </>
  );
}

function Truth({ answer }: { readonly answer: AgreementAnswer }) {
  if (answer.ground_truth.length === 0) return null;
  return (
    <section>
      <h3>Against the true features</h3>
      <ul class="notes">
        {answer.ground_truth.map(({ member, mcc, mcc_null }) => (
          <li key={member}>
            {member}: MCC <strong>{unit(mcc)}</strong>{" "}
            <span class="null">null {unit(mcc_null)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shown({ answer }: { readonly answer: AgreementAnswer }) {
  const [chosen, setChosen] = useState<Pair | undefined>(answer.pairs[0]);
  const { problems, notes } = answer;
  return (
    <>
      {problems.map(({ part, error }) => (
        <div class="problem" key={part} role="alert">
          {part}: {error}
        </div>
      ))}
      <Headline answer={answer} />
      {answer.pairs.length === 0 ? (
        <Empty title="There is no pair of members to compare." />
      ) : (
        <div class="heat-and-pair">
          <HeatMap answer={answer} chosen={chosen} onChoose={setChosen} />
          <div>
            {chosen && <PairDetails pair={chosen} />}
            <Truth answer={answer} />
          </div>
        </div>
      )}
      {notes.map((note) => (
        <p class="small quiet" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

/** The view. */
export function Agreement({ name }: { readonly name: string }) {
  const agreement = useAgreement(name);
  return (
    <article>
      <h1 tabIndex={-1}>Agreement</h1>
      {agreement.error?.code === "results/missing" ? (
        <Empty title="The members have not been compared yet.">
          <p class="quiet">{agreement.error.message}</p>
        </Empty>
      ) : (
        <Show answer={agreement} what="agreement">
          {(answer) => (
            <>
              <Shown answer={answer} />
              <LatentFigures name={name} members={answer.members.map((m) => m.name)} />
            </>
          )}
        </Show>
      )}
    </article>
  );
}
