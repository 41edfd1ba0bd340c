import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../models/package-root.js';
import { anchorsOf, relativeLinks } from './links.js';
import { proseBlocks, sentences } from './markdown-prose.js';

const MOST_WORDS = 25;
const ROOT = packageRoot();
/** Written by `npm run docs:api`. */
const GENERATED = `${path.join('docs', 'api')}${path.sep}`;

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join('docs', name))
    .filter((name) => name.endsWith('.md') && !name.startsWith(GENERATED))
    .sort(),
];
const read = (document: string): string => readFileSync(path.join(ROOT, document), 'utf8');

const words = (markdown: string) =>
  proseBlocks(markdown).flatMap((block) => sentences(block).map(({ line, words: count }) => [line, count]));

test('sentences are told apart, and code, tables, headings and marks do not count as words', (t) => {
  const markdown = [
    '# A heading of a few words. And more',
    'One two `three words here` four. Is it 4.5 or eq. 8 of [the paper](x.md)? **Yes**',
    'it *is*.',
    '',
    '| a table | has. Rows |',
    '```sh',
    'a command. Another',
    '```',
    '- An item: of five (words). "Quoted" too.',
    '  goes on, e.g. Here',
  ].join('\n');
  t.deepEqual(words(markdown), [
    [2, 4],
    [2, 9],
    [2, 3],
    [9, 5],
    [9, 2],
    [9, 4],
  ]);
});

test('links are found outside of code, and anchors are those of the headings', (t) => {
  const markdown = ['[a](b.md#c-d) `[x](y)` ![p](q.png) [w](https://example.org)', '```', '[n](o.md)', '```'];
  t.deepEqual(relativeLinks(markdown.join('\n')), [
    { line: 1, path: 'b.md', anchor: 'c-d' },
    { line: 1, path: 'q.png', anchor: undefined },
  ]);
  const headings = '# One `two`, three!\n## Same\n## Same\n```\n# no heading\n```';
  t.deepEqual([...anchorsOf(headings)], ['one-two-three', 'same', 'same-1']);
});

for (const document of DOCUMENTS) {
  const markdown = read(document);

  test(`${document}: no sentence is longer than ${MOST_WORDS} words`, (t) => {
    const long = proseBlocks(markdown)
      .flatMap(sentences)
      .filter(({ words: count }) => count > MOST_WORDS)
      .map(({ line, words: count, text }) => `${document}:${line}: ${count} words: ${text}`);
    t.deepEqual(long, []);
  });

  test(`${document}: its links lead somewhere`, (t) => {
    const lost = relativeLinks(markdown).filter(({ path: target, anchor }) => {
      const file = target === '' ? document : path.join(path.dirname(document), target);
      if (!existsSync(path.join(ROOT, file))) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchorsOf(read(file)).has(anchor);
    });
    t.deepEqual(
      lost.map(({ line, path: target, anchor }) => `${document}:${line}: ${target}#${anchor ?? ''}`),
      [],
    );
  });
}
