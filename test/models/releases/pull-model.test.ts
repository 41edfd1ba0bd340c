import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { pullModel } from '../../../models/releases/pull-model.js';
import { RELEASE_FILE } from '../../../models/releases/release.js';
import { readPrivateKey, readPublicKey, writeKeyPair } from '../../../models/releases/release-keys.js';
import { signModel } from '../../../models/releases/sign-model.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';
import { startFileServer } from '../../msgs/remote/file-server.js';
import { writeTestModel } from '../../nodes/test-model.js';

interface Context {
  readonly at: (name: string) => string;
  readonly store: VersionStore;
  readonly sign: (disparity: number, key?: string, releases?: string) => Promise<number>;
  readonly pull: (more?: {
    trust?: string;
    source?: string;
    allowDowngrade?: boolean;
  }) => ReturnType<typeof pullModel>;
}
const test = anyTest as TestFn<Context>;

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-releases-'));
  const at = (name: string) => path.join(root, name);
  await writeKeyPair(at('key'));
  const shipped = await writeTestModel(at('shipped'), { version: 0 });
  const store = new VersionStore({ home: at('home'), shipped });
  t.context = {
    ...{ at, store },
    sign: async (slope, key = 'key', releases = 'releases') => {
      const model = await writeTestModel(at(`model-${slope}`), { disparity: [0.01, slope] });
      const { release } = await signModel(model, at(releases), await readPrivateKey(at(key)));
      return release.release;
    },
    pull: async ({ trust = 'key.pub', source = at('releases'), allowDowngrade = false } = {}) =>
      pullModel({ source, store, allowDowngrade, trusted: await readPublicKey(at(trust)) }),
  };
});

test.afterEach.always((t) => rm(t.context.at('.'), { recursive: true, force: true }));

const versionsOf = async (store: VersionStore) =>
  (await store.list()).versions.filter(({ shipped }) => !shipped).map(({ version }) => version);

test('a signed version becomes a version of the vehicle, once, and the current one stays', async (t) => {
  const { at, sign, pull, store } = t.context;
  t.is(await sign(0.6), 1);
  const first = await pull();
  t.deepEqual(first, { release: 1, version: { name: 'test', version: 1 }, isKnown: false });
  t.deepEqual(
    await readFile(path.join(store.home, 'test', '1', 'perception.onnx')),
    await readFile(at('model-0.6/perception.onnx')),
  );
  t.is((await store.current()).version, 0);
  t.true((await pull()).isKnown);
  t.is(await sign(0.7), 2);
  t.is((await pull()).version.version, 2);
  t.deepEqual(await versionsOf(store), [1, 2], 'nothing was overwritten');
  t.deepEqual(
    (await readdir(store.home)).filter((name) => name.startsWith('.pull')),
    [],
  );
});

test('a release that corrects the manifest alone is a version of its own', async (t) => {
  const { at, sign, pull, store } = t.context;
  await sign(0.6);
  await pull();
  const file = at('model-0.6/manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...manifest, depth: { ...manifest.depth, metric: false } }));
  await signModel(at('model-0.6'), at('releases'), await readPrivateKey(at('key')));
  const { release, version } = await pull();
  t.deepEqual([release, version.version], [2, 2]);
  t.false((await store.load(version)).manifest.depth.metric);
});

test('releases come over HTTP too, and one that is cut short on the way is refused', async (t) => {
  const { at, sign, pull, store } = t.context;
  await sign(0.6);
  const files = new Map<string, Buffer>([
    [`/m/${RELEASE_FILE}`, await readFile(at(`releases/${RELEASE_FILE}`))],
  ]);
  for (const name of await readdir(at('releases/test-1')))
    files.set(`/m/test-1/${name}`, await readFile(at(`releases/test-1/${name}`)));
  const graph = files.get('/m/test-1/perception.onnx') ?? Buffer.alloc(0);
  const server = await startFileServer(files);
  t.teardown(() => server.close());
  const source = `${server.url}/m`;
  files.set('/m/test-1/perception.onnx', graph.subarray(0, 100));
  await t.throwsAsync(pull({ source }), {
    message: /perception\.onnx was cut short: expected `\d+` bytes, got 100/,
  });
  files.set('/m/test-1/perception.onnx', Buffer.concat([graph, graph]));
  await t.throwsAsync(pull({ source }), { message: /perception\.onnx` has more than \d+ bytes/ });
  t.deepEqual(await versionsOf(store), []);
  files.set('/m/test-1/perception.onnx', graph);
  t.is((await pull({ source })).version.version, 1);
  await t.throwsAsync(pull({ source: `${server.url}/none` }), { message: /404/ });
});

test('what was changed, cut short or taken away after it was signed is refused, and nothing of it is kept', async (t) => {
  const { at, sign, pull, store } = t.context;
  await sign(0.6);
  const release = at(`releases/${RELEASE_FILE}`);
  const graph = at('releases/test-1/perception.onnx');
  const [text, bytes] = [await readFile(release, 'utf8'), await readFile(graph)];
  const envelope = JSON.parse(text) as { payload: string; signature: string; key: string };
  const changed = (change: (payload: { release: number }) => void) => {
    const payload = JSON.parse(envelope.payload);
    change(payload);
    return JSON.stringify({ ...envelope, payload: JSON.stringify(payload) });
  };
  const flipped = Buffer.from(bytes);
  flipped[50] = (flipped[50] ?? 0) ^ 1;
  const cases: readonly [what: string, spoil: () => Promise<unknown>, message: RegExp][] = [
    [
      'a bit of the graph',
      () => writeFile(graph, flipped),
      /perception\.onnx was changed after it was signed/,
    ],
    ['the end of the graph', () => truncate(graph, 90), /perception\.onnx was cut short: .* got 90/],
    [
      'a longer graph',
      () => writeFile(graph, Buffer.concat([bytes, bytes])),
      /was changed after it was signed/,
    ],
    ['no graph', () => rm(graph), /perception\.onnx cannot be read/],
    [
      'the number',
      () =>
        writeFile(
          release,
          changed((said) => (said.release = 9)),
        ),
      /signature does not fit/,
    ],
    [
      'the end of the release',
      () => truncate(release, 200),
      /no release, or was cut short \(200 characters\)/,
    ],
    [
      'no signature',
      () => writeFile(release, JSON.stringify({ ...envelope, signature: '' })),
      /is no release/,
    ],
    ['no release', () => rm(release), /there is no release in/],
  ];
  for (const [what, spoil, message] of cases) {
    await spoil();
    await t.throwsAsync(pull(), { name: 'ModelError', message }, what);
    t.deepEqual(await versionsOf(store), [], what);
    await writeFile(release, text);
    await writeFile(graph, bytes);
  }
  t.is((await pull()).release, 1);
});

test('a release of another key is refused, whatever it says of itself', async (t) => {
  const { at, sign, pull, store } = t.context;
  await writeKeyPair(at('other'));
  await sign(0.6, 'other');
  await t.throwsAsync(pull(), {
    message: /expected the signature of the trusted key `[0-9a-f]{16}`, got that of/,
  });
  const release = at(`releases/${RELEASE_FILE}`);
  const envelope = JSON.parse(await readFile(release, 'utf8'));
  await sign(0.6, 'key', 'own');
  const { key } = JSON.parse(await readFile(at(`own/${RELEASE_FILE}`), 'utf8'));
  await writeFile(release, JSON.stringify({ ...envelope, key }));
  await t.throwsAsync(pull(), { message: /signature does not fit/ });
  t.deepEqual(await versionsOf(store), []);
  await t.throwsAsync(sign(0.7), { message: /signature/ }, 'nor does one go on where another signs');
});

test('an older release than the last one is refused unless it is allowed, and so is another one of its number', async (t) => {
  const { at, sign, pull } = t.context;
  await sign(0.6);
  await cp(at('releases'), at('old'), { recursive: true });
  await sign(0.7);
  await pull();
  await t.throwsAsync(pull({ source: at('old') }), {
    message: /offers release 1 .* release 2 was pulled before/,
  });
  await sign(0.8, 'key', 'twin');
  await sign(0.9, 'key', 'twin');
  await t.throwsAsync(pull({ source: at('twin') }), { message: /is another one than the release 2/ });
  t.is((await pull({ source: at('old'), allowDowngrade: true })).release, 1);
});

test('keys are never replaced, a private one is for its owner alone, and each has its place', async (t) => {
  const { at } = t.context;
  t.is((await stat(at('key'))).mode & 0o777, 0o600);
  await t.throwsAsync(writeKeyPair(at('key')), { name: 'ModelError', message: /never replaced/ });
  await t.throwsAsync(readPublicKey(at('key')), { message: /it is a private key/ });
  await t.throwsAsync(readPrivateKey(at('key.pub')), { message: /it is a public key/ });
  await writeFile(at('junk'), 'no key');
  await chmod(at('junk'), 0o600);
  for (const read of [readPublicKey, readPrivateKey])
    await t.throwsAsync(read(at('junk')), { message: /junk: expected/ });
  await t.throwsAsync(readPublicKey(at('none')), { message: /none cannot be read/ });
});

test('by command: keygen, sign, pull, and a folder of other things is left alone', async (t) => {
  t.timeout(600_000);
  const { at } = t.context;
  const env = { RXDEPTH_HOME: at('vehicle') };
  const run = (...args: readonly string[]) => runRxdepth(['model', ...args], { cwd: at('.'), env });
  const made = await run('keygen', 'fleet-key');
  t.regex(made.stdout, /fleet-key\.pub \(for vehicles\), key [0-9a-f]{16}/, made.stderr);
  await writeTestModel(at('candidate'));
  const signed = await run('sign', 'candidate', '--key', 'fleet-key', '-o', 'out');
  t.regex(signed.stdout, /^release 1 of test \(out\/test-1\)/, signed.stderr);
  const pulled = await run('pull', 'out', '--trust', 'fleet-key.pub', '--use');
  t.regex(pulled.stdout, /^test\/1: release 1; current \(was rxdepth-lite\/0\)/, pulled.stderr);
  const refused = await run('pull', 'out', '--trust', 'key.pub');
  t.is(refused.code, 1);
  t.regex(refused.stderr, /expected the signature of the trusted key/);
  await writeFile(at('releases-not'), '');
  const foreign = await run('sign', 'candidate', '--key', 'fleet-key', '-o', '.');
  t.regex(foreign.stderr, /is left alone/);
});
