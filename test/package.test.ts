import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../models/package-root.js';
import { openBag } from '../msgs/bag/open-bag.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from './nodes/test-bag.js';
import { testImage, testInfo } from './nodes/test-messages.js';

const MINUTE = 60_000;
/** Without the bundled onnxruntime, unpacked. */
const MOST_OWN_BYTES = 60_000_000;

/** The environment without what the npm that runs these tests has put into it. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_|^ONNXRUNTIME|^INIT_CWD$/i.test(name)),
);

function run(cwd: string, command: string, args: readonly string[], timeout = 20 * MINUTE) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd, encoding: 'utf8', env: environment, timeout, maxBuffer: 1e8 },
  });
  return { ok: status === 0, stdout, said: `${command} ${args.join(' ')}\n${error ?? ''}${stdout}${stderr}` };
}

/** Packs what `npm run build` made; the scripts would build again while other tests run. */
function pack(folder: string): {
  readonly file: string;
  readonly paths: readonly string[];
  /** Unpacked, without the bundled onnxruntime. */
  readonly ownBytes: number;
} {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = run(packageRoot(), 'npm', args);
  const [packed] = JSON.parse(stdout) as [
    { filename: string; files: readonly { path: string; size: number }[] },
  ];
  const own = packed.files.filter((file) => !file.path.startsWith('dist/vendor/'));
  return {
    file: path.join(folder, packed.filename),
    paths: packed.files.map((file) => file.path),
    ownBytes: own.reduce((sum, { size }) => sum + size, 0),
  };
}

async function drive(folder: string): Promise<string> {
  const at = { stampNs: logTime(0) };
  return writeTestBag(folder, [
    { topic: '/camera/image', type: IMAGE, logTimeNs: logTime(0), message: testImage(at) },
    { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(0), message: testInfo(at) },
  ]);
}

const EXAMPLES = ['custom-operator', 'convert-bag', 'trace-function'];

/** Compiles the examples in a project that has only the packed package, by each way to resolve its faces; what tsc says. */
async function compileExamples(project: string): Promise<string> {
  const root = packageRoot();
  await mkdir(path.join(project, 'source'));
  for (const name of EXAMPLES)
    await copyFile(
      path.join(root, 'docs', 'examples', `${name}.ts`),
      path.join(project, 'source', `${name}.ts`),
    );
  // Nothing of the declarations is left out: what they take from packages that are not installed would be `any` in silence.
  const faces = ['rxdepth', 'rxdepth/msgs', 'rxdepth/operators', 'rxdepth/tracer'];
  await writeFile(
    path.join(project, 'source', 'faces.ts'),
    faces.map((face, i) => `export * as face${i} from '${face}';\n`).join(''),
  );
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  let said = '';
  for (const [module, moduleResolution, noEmit] of [
    ['nodenext', 'nodenext', false],
    ['esnext', 'bundler', true],
  ] as const) {
    const compilerOptions = {
      ...{ target: 'ES2022', module, moduleResolution, noEmit, strict: true, skipLibCheck: false },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true },
      ...{ types: ['node'], typeRoots: [path.join(root, 'node_modules', '@types')] },
      ...{ rootDir: 'source', outDir: 'compiled' },
    };
    const config = path.join(project, `tsconfig.${module}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions, include: ['source'] }));
    said += run(project, process.execPath, [tsc, '-p', config]).said;
  }
  return said;
}

test('the packed package installs from the registry alone, by npm 10 and 11, and replays a bag', async (t) => {
  t.timeout(60 * MINUTE);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-package-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { file, paths, ownBytes } = pack(folder);
  t.true(ownBytes < MOST_OWN_BYTES, `${ownBytes} bytes without onnxruntime`);
  t.deepEqual(
    paths.filter((name) => /\.map$|^dist\/(test|bench|docs)\/|(?<!\.d)\.ts$/.test(name)),
    [],
    'no tests, benches, sources or maps without sources',
  );
  t.true(paths.includes('dist/vendor/onnxruntime-node/LICENSE'));
  const bag = await drive(path.join(folder, 'drive'));

  for (const [npm, flags] of [
    ['npm@10', ['--omit=dev']],
    ['npm@11', []],
  ] as const) {
    const asked = run(folder, 'npx', ['-y', npm, 'view', 'rxjs@7.8.2', 'version', '--fetch-retries=1']);
    if (!asked.ok) {
      t.log(`SKIPPED: ${npm} reaches no npm registry, so installing could not be tried`);
      continue;
    }
    const project = path.join(folder, npm);
    await mkdir(project);
    await writeFile(path.join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const flagged = ['--no-audit', '--no-fund', '--prefer-offline', ...flags];
    const installed = run(project, 'npx', ['-y', npm, 'install', ...flagged, file]);
    t.true(installed.ok, installed.said);
    t.false(existsSync(path.join(project, 'node_modules', 'onnxruntime-node')));

    const replayed = run(project, 'npx', ['--no', 'rxdepth', 'replay', bag, '-o', path.join(project, 'out')]);
    t.true(replayed.ok, replayed.said);
    const reader = await openBag(path.join(project, 'out'));
    let images = 0;
    for await (const _ of reader.messages({ topics: ['/rxdepth/depth/image'] })) images += 1;
    await reader.close();
    t.is(images, 1, replayed.said);
    t.deepEqual((await readdir(project)).sort(), [
      'node_modules',
      'out',
      'package-lock.json',
      'package.json',
    ]);
    if (npm === 'npm@10') continue;

    // Declarations of TensorFlow.js do not hold in every setting, and those of WebGPU that it brings clash with a browser's.
    const errors = (await compileExamples(project))
      .split('\n')
      .filter((line) => /^(node_modules\/rxdepth\/.*|source\/.*)?error TS/.test(line));
    t.deepEqual(errors, []);
    const example = (name: string, ...args: string[]) =>
      run(project, process.execPath, [path.join('compiled', `${name}.js`), ...args]);
    const copied = example('convert-bag', bag, 'copied');
    t.regex(copied.stdout, /^2 messages in copied, 0 problems\n$/, copied.said);
    const custom = example('custom-operator', 'copied', 'perceived');
    t.regex(custom.stdout, /^1 frames in perceived\n$/, custom.said);
    const traced = example('trace-function', 'sobel.onnx');
    t.is(traced.stdout, '0 4 4 4\n', traced.said);
    t.true((await readFile(path.join(project, 'sobel.onnx'))).length > 0);
  }
});
