/** @file What a run is doing, or how it ended. */

import { count } from "../../src/figures/number-text.ts";
import type { Status as RunStatus } from "../../src/server/api/common.ts";

/** A status with how far the run got. */
export function Status({
  status,
  steps,
  total,
}: {
  readonly status: RunStatus;
  readonly steps: number | null;
  readonly total: number | null;
}) {
  const isDone = status === "finished";
  return (
    <span class={`status status-${status}`}>
      <span class="status-dot" aria-hidden="true" />
      {status}
      {!isDone && steps !== null && total !== null && total > 0 && (
        <span class="small quiet">
          {" "}
          {count(steps)} of {count(total)}
        </span>
      )}
    </span>
  );
}
