/** @file The answers that several views use. */

import type { FeaturesSummary, LatentCard, LatentColumns } from "../../src/evidence/card.ts";
import type { AgreementAnswer } from "../../src/server/api/agreement.ts";
import type { DefinitionsAnswer } from "../../src/server/api/definitions.ts";
import type { LatentsAnswer, MetricsAnswer, RunAnswer } from "../../src/server/api/run.ts";
import type { RunsAnswer } from "../../src/server/api/runs.ts";
import { type Answer, keep, useAnswer, useSource } from "./context.ts";
import { type DataSource, type Query, requestText } from "./source.ts";

function useGet<T>(route: string, query?: Query, isWanted = true): Answer<T> {
  const source = useSource();
  const key = requestText(route, query);
  return useAnswer(isWanted ? key : undefined, () => source.get<T>(route, query));
}

/** All runs. */
export const useRuns = () => useGet<RunsAnswer>("runs");

/** What numbers mean. */
export const useDefinitions = () => useGet<DefinitionsAnswer>("definitions");

/** What one run's folder says. */
export const useRun = (name: string) => useGet<RunAnswer>("run", { name });

/** What a run logged. */
export const useMetrics = (name: string) => useGet<MetricsAnswer>("metrics", { name });

/** How alike the members of a run are. */
export const useAgreement = (name: string) => useGet<AgreementAnswer>("agreement", { name });

/** Numbers of the latents of a member that need no evidence. */
export const useLatents = (name: string, member: string | undefined) =>
  useGet<LatentsAnswer>("latents", { name, member }, member !== undefined);

/** What was looked at for evidence. */
export const useFeatures = (name: string) => useGet<FeaturesSummary>("features", { name });

/** Columns of all latents of a member. */
export const useColumns = (name: string, member: string | undefined) =>
  useGet<LatentColumns>("columns", { name, member }, member !== undefined);

/** Columns of all latents of several members, in their order. */
export function useAllColumns(
  name: string,
  members: readonly string[] | undefined,
): Answer<readonly LatentColumns[]> {
  const source = useSource();
  const key = members && `all columns ${name} ${members.join(" ")}`;
  return useAnswer(key, () =>
    Promise.all(
      members!.map((member) =>
        keep(requestText("columns", { name, member }), () =>
          source.get<LatentColumns>("columns", { name, member }),
        ),
      ),
    ),
  );
}

/** The kept card of a latent, or a new one. */
export function askCard(
  source: DataSource,
  name: string,
  member: string,
  latent: number,
): Promise<LatentCard> {
  return keep(requestText("card", { name, member, latent }), () =>
    source.card(name, member, latent),
  );
}

/** The card of a latent. */
export function useCard(
  name: string,
  member: string | undefined,
  latent: number | undefined,
): Answer<LatentCard> {
  const source = useSource();
  const isWanted = member !== undefined && latent !== undefined;
  const key = isWanted ? `shown ${requestText("card", { name, member, latent })}` : undefined;
  return useAnswer(key, () => askCard(source, name, member!, latent!));
}
