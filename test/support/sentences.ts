/** @file The sentences of a source file's comments, and how many words each has. */

/** Lines of comments that follow each other, without what marks them as comments. */
interface Comment {
  /** Of its first line, from 1 on. */
  readonly line: number;
  readonly lines: string[];
}

function commentsOf(text: string): Comment[] {
  const found: Comment[] = [];
  let open: Comment | undefined;
  let isBlock = false;
  for (const [i, line] of text.split("\n").entries()) {
    const start = isBlock ? undefined : /^\s*(?:(\/\*\*?)|\/\/\/?)(.*)$/.exec(line);
    if (!isBlock && !start) {
      open = undefined;
      continue;
    }
    const begins = start?.[1] !== undefined;
    if (open === undefined || begins) {
      open = { line: i + 1, lines: [] };
      found.push(open);
    }
    const body = isBlock ? line.replace(/^\s*\*(?!\/)/, "") : start![2]!;
    open.lines.push(body.replace(/\s*\*\/.*$/, ""));
    const ends = line.includes("*/");
    if (isBlock || begins) {
      isBlock = !ends;
      if (ends) open = undefined;
    }
  }
  return found;
}

interface Paragraph {
  readonly line: number;
  readonly tag: string | undefined;
  /** Whether lines that continue it are indented. */
  readonly hangs: boolean;
  text: string;
}

const LIST_ITEM = /^\s*(?:[-*•]|\d+\.)\s/;

/**
 * The paragraphs of a comment. Examples and tables are left out, and so are indented lines:
 * formulas and layouts of files. Lines that continue a tag or a list are indented too, and belong
 * to it.
 */
function paragraphsOf({ line, lines }: Comment): Paragraph[] {
  const found: Paragraph[] = [];
  let open: Paragraph | undefined;
  let isLeftOut = false;
  for (const [i, raw] of lines.entries()) {
    const body = raw.replace(/^ /, "");
    if (body.trim() === "") {
      open = undefined;
      continue;
    }
    const tag = /^@(\w+)/.exec(body)?.[1];
    if (tag !== undefined) isLeftOut = tag === "example" || tag === "see";
    const isIndented = /^ {2,}/.test(body);
    const isLayout = isIndented && open?.hangs !== true;
    const isText = !isLeftOut && !isLayout && !/^\s*\|/.test(body);
    if (!isText) {
      open = undefined;
      continue;
    }
    const isItem = LIST_ITEM.test(body);
    if (tag !== undefined || open === undefined || isItem) {
      const hangs = isItem || tag !== undefined || open?.hangs === true;
      open = { line: line + i, tag: tag ?? open?.tag, hangs, text: "" };
      found.push(open);
    }
    open.text += ` ${body.trim()}`;
  }
  return found;
}

/** What a tag is of, and spans of code, as one word each. Parentheses with a year are sources. */
function plain({ tag, text }: Paragraph): string {
  const prose = text
    .replace(/\{@link [^}]*\}|`[^`]*`/g, "code")
    .replace(/@param \S+|@\w+/g, " ")
    .replace(/\{(?:\w+Error|TimeIsUp)\}/g, tag === "throws" ? ". " : " error ")
    .replace(/\([^()]*\b(?:19|20)\d\d\b[^()]*\)/g, " ");
  // What is thrown is a list.
  return tag === "throws" ? prose.replaceAll(";", ". ") : prose;
}

/** Words of letters alone: formulas, names of code and numbers do not count. */
export function wordsOf(sentence: string): number {
  const isWord = (word: string) => /^\W*(?:[A-Za-z]{2,}|[aAI])(?:['’-][A-Za-z]+)*\W*$/.test(word);
  return sentence.split(/[\s/–—]+/).filter(isWord).length;
}

/** A sentence of a comment, and the line that its paragraph begins in. */
export interface Sentence {
  readonly line: number;
  readonly text: string;
}

/** The sentences of all comments of a source text. */
export function sentencesOf(source: string): Sentence[] {
  return commentsOf(source)
    .flatMap(paragraphsOf)
    .flatMap((paragraph) =>
      plain(paragraph)
        .split(/(?<=[.!?])["')\]]*\s+/)
        .map((text) => ({ line: paragraph.line, text: text.trim() }))
        .filter(({ text }) => /\w/.test(text)),
    );
}
