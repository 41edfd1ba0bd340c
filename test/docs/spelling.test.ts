import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../models/package-root.js';
import { proseBlocks } from './markdown-prose.js';

const ROOT = packageRoot();

/** Words that American English writes in another way; what is a name in code stands in code and does not count. */
const AMERICAN = new RegExp(
  `\\b(?:${[
    ...[
      'colors?',
      'colored',
      'grays?',
      'center(?:s|ed)?',
      'behaviors?',
      'neighbor(?:s|ing)?',
      '(?:un)?labeled',
    ],
    ...['labeling', 'modeled', 'modeling', 'traveled', 'canceled', 'favor', 'honors?'],
    ...[
      '(?:de)?serializ\\w+',
      'optimiz\\w+',
      '(?:un)?normaliz\\w+',
      'initializ\\w+',
      'recogniz\\w+',
      'synchroniz\\w+',
    ],
    ...[
      'minimiz\\w+',
      'maximiz\\w+',
      'organiz\\w+',
      'quantiz(?:e[ds]?|ing|er)',
      'stabiliz(?:e[ds]|ing)',
      'styliz\\w+',
    ],
    ...['randomiz\\w+', 'regulariz\\w+', 'parameteriz\\w+', 'summariz\\w+', 'visualiz\\w+', 'realiz\\w+'],
    ...[
      'analyz\\w+',
      'kilometers?',
      'millimeters?',
      'centimeters?',
      'curbs?',
      'skeptical',
      'fulfill',
      'catalog',
    ],
  ].join('|')})\\b`,
  'gi',
);
const americanIn = (text: string): string[] => text.match(AMERICAN) ?? [];

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'launch/README.md'],
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join('docs', name))
    // API Extractor writes docs/api out of names in code.
    .filter((name) => name.endsWith('.md') && !name.startsWith(path.join('docs', 'api'))),
];

test('American spellings are told from British ones', (t) => {
  t.deepEqual(
    americanIn('The colour of a labelled, grey neighbour, centred and optimised; a quantised catalogue.'),
    [],
  );
  t.deepEqual(americanIn('Colors of a labeled gray neighbor are centered, normalized and quantized.'), [
    ...['Colors', 'labeled', 'gray', 'neighbor', 'centered', 'normalized', 'quantized'],
  ]);
});

test('the documents are written in British English', (t) => {
  const found = DOCUMENTS.flatMap((document) =>
    proseBlocks(readFileSync(path.join(ROOT, document), 'utf8')).flatMap(({ line, text }) =>
      americanIn(text).map((word) => `${document}:${line}: ${word}`),
    ),
  );
  t.deepEqual(found, []);
});
