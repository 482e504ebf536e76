/** @file What is shown instead of content: on its way, not there, or failed. */

import type { ComponentChildren } from "preact";
import type { Answer } from "../data/context.ts";
import type { DataError } from "../data/source.ts";

/** Something is on its way. It appears after a moment, so that quick answers do not flicker. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      <span class="loading-bar" aria-hidden="true" />
      Loading {what}…
    </p>
  );
}

/** There is nothing to show, and why. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Text of a hint, in which commands look like commands. */
function Hint({ text }: { readonly text: string }) {
  const [before, command, after] = text.split(/((?:concord|npm) [a-z-]+[^,;]*)/, 3);
  return (
    <p>
      {before}
      {command !== undefined && <code>{command.trim()}</code>}
      {after}
    </p>
  );
}

/** Something failed, and what to do. */
export function Problem({
  error,
  retry,
}: {
  readonly error: DataError;
  readonly retry?: () => void;
}) {
  return (
    <div class="problem" role="alert">
      <p class="problem-title">{error.message}</p>
      {error.hint !== undefined && <Hint text={error.hint} />}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** An answer once it is there; until then that it is on its way, or why it is not. */
export function Show<T>({
  answer,
  what,
  children,
}: {
  readonly answer: Answer<T>;
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}) {
  const { value, error, isLoading, retry } = answer;
  if (error) return <Problem error={error} retry={retry} />;
  if (value === undefined) return <Loading what={what} />;
  return <div aria-busy={isLoading}>{children(value)}</div>;
}
