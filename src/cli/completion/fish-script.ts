/**
 * @file The completions of fish: one line for every command and flag, with the condition under
 *   which it is offered.
 */

import type { Place } from "./words.ts";

/** Text within single quotes of fish. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** The script for fish, version 3 or newer. */
export function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, verbs, choices, flags }) => {
    const at = `complete -c concord -n ${quoted(`__concord_at ${quoted(path)}`)}`;
    const isList = verbs.length + choices.length > 0;
    return [
      ...(isList ? [`${at} -f`] : []),
      ...verbs.map(({ word, meaning }) => `${at} -a ${quoted(word)} -d ${quoted(meaning)}`),
      ...(choices.length > 0 ? [`${at} -a ${quoted(choices.join(" "))}`] : []),
      ...flags.map((flag) => {
        const short = flag.short ? ` -s ${flag.short.slice(1)}` : "";
        const list = flag.choices.length > 0 ? ` -x -a ${quoted(flag.choices.join(" "))}` : "";
        const value = list || (flag.takesValue ? " -r -F" : "");
        return `${at} -l ${flag.word.slice(2)}${short}${value} -d ${quoted(flag.meaning)}`;
      }),
    ];
  });
  const paths = places.flatMap(({ path }) => (path === "" ? [] : [quoted(` ${path}`)]));
  return `# fish completion of concord
function __concord_at
    set -l at
    for word in (commandline -opc)[2..-1]
        contains -- "$at $word" ${paths.join(" ")}
        and set at "$at $word"
    end
    test "$at" = "$argv[1]"; or test "$at" = " $argv[1]"
end
${lines.join("\n")}
`;
}
