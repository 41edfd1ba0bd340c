import test from 'ava';
import { lostSignatures } from '../../docs/api/lost-signatures.js';

const report = (...lines: string[]) =>
  ['## API Report File for "rxdepth"', '', '```ts', "import { z } from 'zod';", '', ...lines, '```', ''].join(
    '\n',
  );
const before = report(
  ...['// @public', 'export interface Frame {', '    // (undocumented)', '    readonly width: number;'],
  ...['    readonly label?: string;', '}', '', '// @public', 'export function open(path: string): Frame;'],
);

test('names and members that came along, comments and imports are no loss', (t) => {
  const after = report(
    ...[
      "import { Observable } from 'rxjs';",
      '// @beta',
      'export interface Frame {',
      '    readonly height?: number;',
    ],
    ...['    readonly label?: string;', '    readonly width: number;', '}'],
    ...['export const more = 1;', 'export function open(path: string): Frame;'],
  );
  t.deepEqual(lostSignatures(before, after), []);
});

test('what went, and what is another than it was, is lost', (t) => {
  const after = report(
    ...['export interface Frame {', '    readonly width: bigint;', '}'],
    'export function open(path: string, strict: boolean): Frame;',
  );
  t.deepEqual(lostSignatures(before, after), [
    'Frame: readonly width: number;',
    'Frame: readonly label?: string;',
    'export function open(path: string): Frame;',
  ]);
});

test('a member is that of its owner: the same line elsewhere does not stand in for it', (t) => {
  const two = (first: string, second: string) =>
    report(
      `export interface ${first} {`,
      '    readonly width: number;',
      '}',
      `export interface ${second} {`,
      '}',
    );
  t.deepEqual(lostSignatures(two('A', 'B'), two('B', 'A')), ['A: readonly width: number;']);
});
