import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { apiReport, faces } from '../docs/api/api-report.js';
import { lostSignatures } from '../docs/api/lost-signatures.js';
import { packageRoot } from '../models/package-root.js';
import { proseBlocks, sentences } from './docs/markdown-prose.js';

/** What API Extractor wrote about a name or a member of one. */
interface Documented {
  readonly kind: string;
  readonly canonicalReference?: string;
  readonly docComment?: string;
  readonly members?: readonly Documented[];
}

const MOST_WORDS = 25;

/** The comment's text as Markdown: each tag begins a block. */
const asMarkdown = (comment: string): string =>
  comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/\n\s*\* ?/g, '\n')
    .replaceAll(/\{@link ([^}]*)\}/g, '`$1`')
    .replaceAll(/^\s*@(?:param \S+ -|\w+)/gm, '\n');

/** Faults of the comments of what stands in a face: none at all, and sentences that are too long. Sources are titles. */
function faultsOfComments({
  kind,
  canonicalReference = '',
  docComment = '',
  members = [],
}: Documented): string[] {
  const within = members.flatMap(faultsOfComments);
  if (kind === 'Package' || kind === 'EntryPoint') return within;
  if (docComment === '') return [`${canonicalReference}: no comment`, ...within];
  const long = proseBlocks(asMarkdown(docComment))
    .flatMap(sentences)
    .filter(({ words, text }) => words > MOST_WORDS && !text.startsWith('Source:'));
  return [...long.map(({ words, text }) => `${canonicalReference}: ${words} words: ${text}`), ...within];
}

/** Reports lie where `npm run docs:api` records them. */
const recorded = (name: string) =>
  readFile(path.join(packageRoot(), 'docs', 'api', `${name}.api.md`), 'utf8');

test('names that the faces export keep their recorded signatures, and are documented in short sentences', async (t) => {
  t.timeout(30 * 60_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-api-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const all = await faces();
  t.deepEqual(
    all.map(({ name }) => name),
    ['rxdepth', 'msgs', 'operators', 'tracer'],
  );
  for (const face of all) {
    const { text } = await apiReport(face, path.join(folder, face.name));
    t.regex(text, /^export /m, face.name);
    const lost = lostSignatures(await recorded(face.name), text);
    t.deepEqual(
      lost,
      [],
      `${face.name}: CONTRIBUTING says what a change of it asks for; npm run docs:api records`,
    );
    const model = path.join(folder, face.name, `${face.name}.api.json`);
    t.deepEqual(faultsOfComments(JSON.parse(await readFile(model, 'utf8')) as Documented), [], face.name);
  }
});
