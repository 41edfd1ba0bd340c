/** The running text of a Markdown document, block by block (a paragraph, an item of a list), with the line each begins at. */
export interface ProseBlock {
  readonly line: number;
  readonly text: string;
}

/** What of a sentence counts: a name or a command in code is one word, and so is a formula. */
export interface Sentence {
  readonly line: number;
  readonly text: string;
  readonly words: number;
}

const FENCE = /^\s*(```|~~~)/;
const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+/;
/** Headings, rows of tables, rules, pictures alone, comments, definitions of links: no sentences. */
const NO_PROSE = /^\s*(?:#{1,6}\s|\||-{3,}\s*$|!\[[^\]]*\]\([^)]*\)\s*$|<|\[[^\]]+\]:\s)/;

/** Code, tables, headings and pictures left out; of links their text stays. */
export function proseBlocks(markdown: string): ProseBlock[] {
  const blocks: { line: number; lines: string[] }[] = [];
  let isOpen = false;
  let isCode = false;
  for (const [index, raw] of markdown.split('\n').entries()) {
    const line = raw.replace(/^\s*>\s?/, '');
    if (FENCE.test(line)) {
      isCode = !isCode;
      isOpen = false;
      continue;
    }
    if (isCode) continue;
    if (line.trim() === '' || NO_PROSE.test(line)) {
      isOpen = false;
      continue;
    }
    const isItem = ITEM.test(line);
    const text = line.replace(ITEM, '').trim();
    if (isItem || !isOpen) blocks.push({ line: index + 1, lines: [text] });
    else blocks.at(-1)?.lines.push(text);
    isOpen = true;
  }
  return blocks.map(({ line, lines }) => ({ line, text: withoutMarks(lines.join(' ')) }));
}

function withoutMarks(text: string): string {
  return text
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/(`+)(?:.*?[^`])\1(?!`)/g, ' CODE ')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|__|(?<!\w)[*_]|[*_](?!\w)/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=[,.;:!?)])/g, '')
    .trim();
}

/** Points that end no sentence. */
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|eq|eqs|fig|figs|cf|vs|no|al|approx|sec|ch|p|pp|St)|(?:^|\s)[A-Z])\.$/;

/** A point, question or exclamation mark before a gap ends a sentence: names such as onnxruntime begin one in lower case. */
export function sentences({ line, text }: ProseBlock): Sentence[] {
  const found: Sentence[] = [];
  let begin = 0;
  for (const { index, 0: mark } of text.matchAll(/[.!?]["')\]]*(?=\s|$)/g)) {
    const end = index + mark.length;
    if (ABBREVIATION.test(text.slice(begin, index + 1))) continue;
    found.push(sentence(line, text.slice(begin, end)));
    begin = end;
  }
  if (text.slice(begin).trim() !== '') found.push(sentence(line, text.slice(begin)));
  return found;
}

function sentence(line: number, text: string): Sentence {
  const trimmed = text.trim();
  const words = trimmed.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length;
  return { line, text: trimmed, words };
}
