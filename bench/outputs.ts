import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { median } from '../vision/median.js';

/**
 * What each output costs: `rxdepth replay` of a recorded bag with all outputs, and with each of them off, by turns. Rates,
 * processor time and bytes are those of the replay's own summary.
 */
const flags = new Command('bench:outputs')
  .description('Replays a bag with all outputs, and with each of them off, by turns.')
  .requiredOption('--bag <bag>', 'recorded bag')
  .option('--rounds <n>', 'interleaved rounds', '2')
  .option('--frames <n>', 'frames of each replay', '120')
  .option('--model <folder>', 'model folder (default: the current version)')
  .option(
    '--base-frame <frame>',
    'root of the recording, whose pose goes to /tf, where its /tf_static has one',
  )
  .parse()
  .opts<{ bag: string; rounds: string; frames: string; model?: string; baseFrame?: string }>();

const ALL = ['--obstacles', '--stabilize', '--odometry-tf', '--compress', '--images'] as const;
const VARIANTS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['all outputs', ALL],
  ...ALL.map((off) => [`all without \`${off}\``, ALL.filter((each) => each !== off)] as const),
  ['all, `--no-confidence`', [...ALL, '--no-confidence']],
  ['all, clouds at stride 16', [...ALL, '--points-stride', '16']],
  ['default', []],
  ['`--no-motion`', ['--no-motion']],
  [
    '`--no-motion --no-confidence`, clouds at stride 16',
    ['--no-motion', '--no-confidence', '--points-stride', '16'],
  ],
];

interface Summary {
  readonly framesOut: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly outputBytes: number;
}

const PROGRAM = fileURLToPath(new URL('../../bin/rxdepth.mjs', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'rxdepth-outputs-'));

function replay(options: readonly string[]): Summary {
  const [output, json] = [path.join(folder, 'out'), path.join(folder, 'summary.json')];
  const common = [flags.bag, '-o', output, '--overwrite', '--json', json, '--limit', flags.frames];
  const model = flags.model === undefined ? [] : ['--model', flags.model];
  const base = flags.baseFrame === undefined ? [] : ['--base-frame', flags.baseFrame];
  const all = [PROGRAM, 'replay', ...common, ...model, ...base, ...options];
  execFileSync(process.execPath, all, { stdio: 'ignore' });
  return JSON.parse(readFileSync(json, 'utf8')) as Summary; // written by `replay --json`
}

try {
  const measured = VARIANTS.map((): Summary[] => []);
  for (let round = 1; round <= Number(flags.rounds); round++)
    VARIANTS.forEach(([name, options], index) => {
      console.error(`round ${round}: ${name}`);
      measured[index]?.push(replay(options));
    });
  console.log(
    '| replay | frames a second | processor time a frame | written a frame |\n| --- | --- | --- | --- |',
  );
  VARIANTS.forEach(([name], index) => {
    const of = (figure: (summary: Summary) => number) =>
      median((measured[index] ?? []).map(figure)).toFixed(1);
    const rate = of(({ framesOut, seconds }) => framesOut / seconds);
    const time = of(({ framesOut, processorSeconds }) => (1000 * processorSeconds) / framesOut);
    const size = of(({ framesOut, outputBytes }) => outputBytes / framesOut / 1e6);
    console.log(`| ${name} | ${rate} | ${time} ms | ${size} MB |`);
  });
} finally {
  rmSync(folder, { recursive: true });
}
