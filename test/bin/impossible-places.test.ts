import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { Command } from 'commander';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rxdepth-places-')));
test.after.always(() => rm(root, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(root, ...names);
writeFileSync(at('file'), 'mine');
symlinkSync('nowhere', at('dangling'));
mkdirSync(at('photos'));
writeFileSync(at('photos', 'holiday.png'), 'mine');
mkdirSync(at('notes'));
writeFileSync(at('notes', 'notes.txt'), 'mine');

const FREE = at('free');
/** Nobody can open it, so whatever is told of a place was told before. */
const BAG = at('no-such-bag');

const REFUSED: readonly [args: readonly string[], said: RegExp][] = [
  [['replay', BAG, '-o', at('file')], /file.* a file of this name is in the way/],
  [['replay', BAG, '-o', at('file', 'below')], /a file of this name is in the way: .*file/],
  [
    ['replay', BAG, '-o', at('dangling', 'x')],
    /a symbolic link that leads nowhere is in the way: .*dangling/,
  ],
  [['replay', BAG, '-o', at('notes')], /notes` is not empty: choose another one/],
  [
    ['replay', BAG, '-o', at('notes'), '--overwrite'],
    /`notes\.txt` in it is not part of a bag that rxdepth writes/,
  ],
  [['replay', BAG, '-o', FREE, '--pictures', at('file')], /file.* a file of this name is in the way/],
  [['replay', BAG, '-o', FREE, '--pictures', at('photos')], /holds `holiday\.png`: name another one/],
  [
    ['replay', BAG, '-o', FREE, '--pictures', at('photos'), '--overwrite'],
    /`holiday\.png` in it is no picture of rxdepth/,
  ],
  [['replay', BAG, '-o', FREE, '--json', at('nowhere', 'x.json')], /there is no folder .*nowhere/],
  [['replay', BAG, '-o', FREE, '--no-motion', '--obstacles'], /`--obstacles` needs the comparison of frames/],
  [['replay', BAG, '-o', FREE, '--scale', 'camera_height'], /needs `--camera-height`/],
  [['adapt', BAG, '--priority', '0', '-o', at('file', 'below')], /a file of this name is in the way: .*file/],
  [
    ['adapt', BAG, '--priority', '0', '-o', at('notes')],
    /`notes\.txt` in it is not of an earlier run of `adapt`/,
  ],
  [['evaluate', BAG, '--truth', BAG, '--pictures', at('file', 'below')], /a file of this name is in the way/],
  [['simulate', '-o', at('file', 'below')], /a file of this name is in the way: .*file/],
  [['simulate', '-o', FREE, '--pictures', at('photos')], /holds `holiday\.png`/],
  [['model', 'resize', 'rxdepth-lite/0', '--pixels', '81920', '-o', at('file', 'below')], /file/],
];

const MODULES: Readonly<Record<string, string>> = {
  replay: 'nodes/cli/replay',
  adapt: 'training/cli/adapt',
  evaluate: 'training/cli/evaluate',
  simulate: 'training/cli/simulate',
  model: 'training/cli/model',
};

/** What the command says. It runs in this process, since starting a dozen others would take longer. */
async function refusal(args: readonly string[]): Promise<string> {
  const [name = ''] = args;
  const { register } = (await import(`../../${MODULES[name]}.js`)) as {
    readonly register: (program: Command) => void;
  };
  const program = new Command('rxdepth').exitOverride();
  register(program);
  return await program.parseAsync(args, { from: 'user' }).then(
    () => 'it was not refused',
    (error: Error) => error.message,
  );
}

process.env.RXDEPTH_HOME = at('home');
for (const [args, said] of REFUSED) {
  test.serial(
    `${args.map((arg) => path.basename(arg)).join(' ')}: the place is refused before anything is opened`,
    async (t) => {
      t.regex(await refusal(args), said);
      t.false(existsSync(FREE), 'nothing is made');
      for (const mine of [['file'], ['photos', 'holiday.png'], ['notes', 'notes.txt']])
        t.is(readFileSync(at(...mine), 'utf8'), 'mine');
    },
  );
}

// Who is root may write everywhere.
const unprivileged = process.getuid?.() === 0 ? test.skip : test;
unprivileged('a folder that this user may not write into is told before the bag is opened', async (t) => {
  mkdirSync(at('theirs'), { mode: 0o555 });
  t.regex(await refusal(['replay', BAG, '-o', at('theirs', 'out')]), /no permission to write into .*theirs/);
});

test('a bag that is not there is told where the place is good, and the place stays as it is', async (t) => {
  t.regex(await refusal(['replay', BAG, '-o', at('good')]), /no-such-bag/);
  t.false(existsSync(at('good')));
});
