import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { checkReplayFolders } from '../../../nodes/cli/check-replay-folders.js';
import { defaultOutput } from '../../../nodes/cli/replay-options.js';

const test = anyTest as TestFn<{ at: (name: string) => string; folder: string }>;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-folders-'));
  t.context = { folder, at: (name) => path.join(folder, name) };
  await mkdir(t.context.at('drive'));
  await writeFile(t.context.at('drive/drive_0.mcap'), 'x');
  await symlink(t.context.at('drive'), t.context.at('link'));
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

test('an output bag that is the input, in it or around it is refused, through links too', async (t) => {
  const { at } = t.context;
  const cases: [bag: string, output: string, reason: RegExp][] = [
    ['drive', 'drive', /is the input bag .*--output/],
    ['drive', 'link', /is the input bag/],
    ['link', 'drive/../drive', /is the input bag/],
    ['drive', 'drive/out', /lies in the input bag/],
    ['link', 'drive/not/yet/there', /lies in the input bag/],
    ['drive', 'link/out', /lies in the input bag/],
    ['drive/drive_0.mcap', 'link', /holds the input bag/],
  ];
  for (const [bag, output, message] of cases) {
    const options = { bag: at(bag), output: at(output) };
    await t.throwsAsync(checkReplayFolders(options), { name: 'NodeError', message }, `${bag} ${output}`);
  }
});

test('pictures within either bag are refused', async (t) => {
  const { at } = t.context;
  const folders = { bag: at('drive'), output: at('out') };
  for (const pictures of ['out', 'out/pictures']) {
    await t.throwsAsync(checkReplayFolders({ ...folders, pictures: at(pictures) }), {
      name: 'NodeError',
      message: /lies in the output bag .*--pictures/,
    });
  }
  await t.throwsAsync(checkReplayFolders({ ...folders, pictures: at('link/pictures') }), {
    message: /lies in the input bag/,
  });
});

test('folders beside each other are fine, whatever their names start with', async (t) => {
  const { at } = t.context;
  await t.notThrowsAsync(checkReplayFolders({ bag: at('drive'), output: at('drive_rxdepth') }));
  await t.notThrowsAsync(checkReplayFolders({ bag: at('drive'), output: at('..drive') }));
  await t.notThrowsAsync(checkReplayFolders({ bag: at('drive/drive_0.mcap'), output: at('drive/out') }));
  await t.notThrowsAsync(
    checkReplayFolders({ bag: at('drive'), output: at('all/bag'), pictures: at('all') }),
    'the output may lie among the pictures',
  );
});

test('the default output is named after the bag, also where that is the current folder', (t) => {
  t.is(defaultOutput('/data/drive/'), 'drive_rxdepth');
  t.is(defaultOutput('drive.db3.zstd'), 'drive_rxdepth');
  t.is(defaultOutput('.'), `${path.basename(process.cwd())}_rxdepth`);
  t.is(defaultOutput('/'), 'replay_rxdepth');
});
