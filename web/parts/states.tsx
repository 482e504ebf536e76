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

/** A command as it is typed. */
export function Command({ text }: { readonly text: string }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
  return <pre tabIndex={0}>{text}</pre>;
}

/** There is nothing to show, and why. */
export function Empty({
  title,
  isView = false,
  children,
}: {
  readonly title: string;
  /** Whether the whole view is empty, so that this is its heading. */
  readonly isView?: boolean;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      {isView ? (
        <h1 class="empty-title" tabIndex={-1}>
          {title}
        </h1>
      ) : (
        <p class="empty-title">{title}</p>
      )}
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
  title,
  children,
}: {
  readonly answer: Answer<T>;
  readonly what: string;
  /** Heading of the view until the answer brings its own. */
  readonly title?: string;
  readonly children: (value: T) => ComponentChildren;
}) {
  const { value, error, isLoading, retry } = answer;
  if (!error && value !== undefined) return <div aria-busy={isLoading}>{children(value)}</div>;
  return (
    <>
      {title !== undefined && <h1 tabIndex={-1}>{title}</h1>}
      {error ? <Problem error={error} retry={retry} /> : <Loading what={what} />}
    </>
  );
}
