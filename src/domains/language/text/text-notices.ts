/** @file What a person should know of a text that was read, in a sentence each. */

import type { TextTally } from "./documents.ts";

/** A text's name for messages: itself, or the first of several and how many more there are. */
export function showText(text: string | readonly string[]): string {
  const [first = "", ...rest] = [text].flat();
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

/** Warnings about what is not text in a text: none when all is well. */
export function textNotices(
  text: string | readonly string[],
  { replaced, controls }: Pick<TextTally, "replaced" | "controls">,
): string[] {
  const notices: string[] = [];
  const characters = (n: number) => (n === 1 ? "1 character" : `${n} characters`);
  if (replaced > 0)
    notices.push(
      `${showText(text)}: ${characters(replaced)} did not decode and became U+FFFD; is it really UTF-8?`,
    );
  if (controls > 0)
    notices.push(
      `${showText(text)}: ${characters(controls)} ${controls === 1 ? "is a control character" : "are control characters"}, which text does not have.`,
    );
  return notices;
}
