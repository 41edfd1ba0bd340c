import test from 'ava';
import { Command } from 'commander';
import { adaptArguments } from '../../../nodes/adaptation-node/adaptation-runs.js';
import { register as registerReplay } from '../../../nodes/cli/replay.js';
import { register as registerWatch } from '../../../nodes/cli/watch.js';
import { PARAMETERS } from '../../../nodes/perception-node/parameters.js';
import { register as registerAdapt } from '../../../training/cli/adapt.js';
import { register as registerEvaluate } from '../../../training/cli/evaluate.js';
import { register as registerModel } from '../../../training/cli/model.js';

const FLAGS = ['--image', '--camera-info', '--camera-kind', '--intrinsics', '--bit-depth', '--max-pixels'];

/** The command of these names, and what it was called with. */
function commandNamed(...names: readonly string[]) {
  const program = new Command('rxdepth').exitOverride().configureOutput({ writeErr: () => {} });
  for (const register of [registerReplay, registerAdapt, registerEvaluate, registerModel, registerWatch])
    register(program);
  let command = program;
  for (const name of names) {
    const found = command.commands.find((each) => each.name() === name);
    if (found === undefined) throw new Error(`no command ${name}`);
    command = found.exitOverride().configureOutput({ writeErr: () => {} });
  }
  return command;
}

const COMMANDS: readonly (readonly [names: readonly string[], required: readonly string[]])[] = [
  [['replay'], ['bag']],
  [['adapt'], ['bag']],
  [['watch'], ['folder']],
  [['evaluate'], ['output']],
  [
    ['model', 'quantize'],
    ['-o', 'folder', '--calibrate', 'bag'],
  ],
];

for (const [names, required] of COMMANDS) {
  const title = names.join(' ');
  test(`${title} has every option of the camera`, (t) => {
    const known = commandNamed(...names).options.map(({ long }) => long);
    for (const flag of FLAGS) t.true(known.includes(flag), flag);
  });

  test(`${title} reads the options of the camera alike, and refuses alike`, (t) => {
    const parse = (...args: readonly string[]) => {
      const command = commandNamed(...names);
      command.parseOptions([...args, ...required]);
      return command.opts();
    };
    t.like(parse('--bit-depth', '12', '--max-pixels', '1000', '--intrinsics', '10,11,3.5,4'), {
      ...{ bitDepth: 12, maxPixels: 1000, intrinsics: { fx: 10, fy: 11, cx: 3.5, cy: 4 } },
    });
    for (const wrong of ['0', '17', '1.5', 'many', '']) {
      t.throws(
        () => parse('--bit-depth', wrong),
        { message: /expected `a whole number from 1 to 16`/ },
        wrong,
      );
    }
    for (const wrong of ['0', '-1', '1e12', 'NaN'])
      t.throws(() => parse('--max-pixels', wrong), { message: /a whole number from 1 to 1073741824/ });
    for (const wrong of ['1,2,3', '0,1,2,3', '1,2,3,4,5', '1,2,,4'])
      t.throws(() => parse('--intrinsics', wrong), { message: /expected `fx,fy,cx,cy` in pixels/ });
  });
}

test('the node has them too, where 0 is the default of the others', (t) => {
  t.like(PARAMETERS.bit_depth, { type: 'integer', default: 0, range: [0, 16] });
  t.like(PARAMETERS.max_pixels, { type: 'integer', default: 0, range: [0, 1_073_741_824] });
});

test('what watch and the adaptation node know of a camera reaches adapt as it was said', (t) => {
  const camera = {
    ...{ image: '/cam/image_raw', cameraInfo: '/cam/info', cameraKind: 'rectified' as const },
    ...{ intrinsics: { fx: 10.25, fy: 11, cx: 3.5, cy: 4 }, bitDepth: 12, maxPixels: 1000 },
  };
  const [name = '', ...args] = adaptArguments(['/drives/a', '/drives/b'], 2, camera);
  t.is(name, 'adapt');
  const command = commandNamed('adapt');
  const { operands } = command.parseOptions(args);
  t.deepEqual(operands, ['/drives/a', '/drives/b']);
  t.like(command.opts(), { ...camera, minutes: 2 });
  t.deepEqual(adaptArguments(['/drives/a']), ['adapt', '/drives/a', '--priority', '19']);
});

test('what watch is asked of adaptations reaches adapt as it was said', (t) => {
  const request = {
    ...{ method: 'sgdepth,dada', guard: ['/good/one', '/good/two'], teacher: ['self@2'], cameraHeight: 1.65 },
  };
  const watch = commandNamed('watch');
  const said = ['--method', 'sgdepth, dada', '--guard', '/good/one', '/good/two', '--teacher', 'self@2'];
  watch.parseOptions(['folder', ...said, '--camera-height', '1.65']);
  t.like(watch.opts(), request);
  const [, ...args] = adaptArguments(['/drives/a', '/drives/b'], 2, { bitDepth: 12 }, request);
  const adapt = commandNamed('adapt');
  t.deepEqual(adapt.parseOptions(args).operands, ['/drives/a', '/drives/b']);
  t.like(adapt.opts(), { ...request, minutes: 2, bitDepth: 12, priority: 19 });
});

test('adapt and watch refuse methods and heights alike', (t) => {
  for (const name of ['adapt', 'watch']) {
    const parse = (...args: readonly string[]) => commandNamed(name).parseOptions([...args]);
    t.throws(() => parse('--method', 'magic'), {
      message: /expected `sgdepth`, `da-monodepth`, `dada`.*got `magic`/,
    });
    t.throws(() => parse('--method', 'dada,dada'), {
      message: /expected each method once, got `dada` twice/,
    });
    for (const wrong of ['0', '-1.6', '21', 'tall', ''])
      t.throws(() => parse('--camera-height', wrong), {
        message: /expected metres above 0 and up to 20, or `constant`/,
      });
    t.is(commandNamed(name).parseOptions(['--camera-height', 'constant']).unknown.length, 0);
  }
});
