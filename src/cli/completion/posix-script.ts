/**
 * @file The completions of bash and zsh: one function each, that finds the command among the words
 *   and offers what may follow.
 */

import type { Place, Word } from "./words.ts";

/** Text within single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Lines of a `case`: from the words that lead to a command to what is done there. */
function cases(entries: readonly (readonly [pattern: string, act: string])[]): string {
  return entries.map(([pattern, act]) => `    ${quoted(pattern)}) ${act} ;;`).join("\n");
}

/** Finds the command: its words are in $at, those that hold others by `cases`. */
function findCommand(places: readonly Place[], words: string, first: number, last: string): string {
  const paths = places.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `  local at="" i word
  for ((i = ${first}; i < ${last}; i++)); do
    word=\${${words}[i]}
    case "\${at:+$at }$word" in
      ${paths.join("|")}) at="\${at:+$at }$word" ;;
    esac
  done`;
}

/** What may follow a flag: lists only, since files are offered anyway. */
function valueCases(places: readonly Place[], act: (choices: readonly string[]) => string): string {
  return cases(
    places.flatMap(({ path, flags }) =>
      flags
        .filter(({ choices }) => choices.length > 0)
        .map(({ word, choices }) => [`${path} ${word}`, act(choices)] as const),
    ),
  );
}

/** Flags that a file follows. */
function filePatterns(places: readonly Place[]): string {
  const patterns = places.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
      .flatMap(({ word, short }) => [word, ...(short ? [short] : [])])
      .map((word) => quoted(`${path} ${word}`)),
  );
  return patterns.join("|");
}

/** The script for bash, version 3.2 or newer. */
export function bashScript(places: readonly Place[]): string {
  const words = (list: readonly string[]) => quoted(list.join(" "));
  return `# bash completion of concord
_concord() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} flags="" others="" IFS=$' \\t\\n'
${findCommand(places, "COMP_WORDS", 1, "COMP_CWORD")}
  case "$at $prev" in
${valueCases(places, (choices) => `others=${words(choices)}`)}
    ${filePatterns(places)}) others="" ;;
    *)
  case "$at" in
${cases(
  places.map(({ path, verbs, choices, flags }) => [
    path,
    `others=${words([...verbs.map(({ word }) => word), ...choices])} flags=${words(flags.map(({ word }) => word))}`,
  ]),
)}
  esac ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $others ]]; then
    COMPREPLY=($(compgen -W "$others" -- "$cur"))
  else
    IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _concord concord
`;
}

/** \`run:train and evaluate …\`, as _describe wants it. */
function described({ word, meaning }: Word): string {
  return quoted(`${word.replaceAll(":", "\\:")}:${meaning}`);
}

/** The script for zsh. */
export function zshScript(places: readonly Place[]): string {
  const list = (words: readonly Word[]) => `(${words.map(described).join(" ")})`;
  const plain = (choices: readonly string[]) => `compadd -- ${choices.map(quoted).join(" ")}`;
  return `#compdef concord
_concord() {
  local -a flags verbs
${findCommand(places, "words", 2, "CURRENT")}
  case "$at \${words[CURRENT-1]}" in
${valueCases(places, (choices) => `${plain(choices)}; return`)}
    ${filePatterns(places)}) _files; return ;;
  esac
  case "$at" in
${cases(
  places.map(({ path, verbs, choices, flags }) => [
    path,
    `verbs=${list([...verbs, ...choices.map((word) => ({ word, meaning: "" }))])} flags=${list(flags)}`,
  ]),
)}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe option flags
  elif ((\${#verbs})); then
    _describe command verbs
  else
    _files
  fi
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _concord "$@"; else compdef _concord concord; fi
`;
}
