import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { onnxruntimeFolder } from '../../models/onnxruntime-folder.js';

const test = anyTest as TestFn<{ folder: string }>;

test.beforeEach(async (t) => {
  t.context = { folder: await mkdtemp(path.join(tmpdir(), 'rxdepth-onnxruntime-')) };
});
test.afterEach.always((t) => rm(t.context.folder, { recursive: true }));

/** A folder laid out as onnxruntime-node for one platform. */
async function copy(folder: string, version: string, platform = 'linux/x64'): Promise<string> {
  const libraries = path.join(folder, 'bin', 'napi-v6', platform);
  await mkdir(libraries, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ version }));
  await writeFile(path.join(libraries, 'onnxruntime_binding.node'), '');
  return folder;
}

const LINUX = { platform: 'linux', arch: 'x64' };

test('the installed onnxruntime-node is taken before the bundled one: it may have CUDA', async (t) => {
  const bundled = await copy(path.join(t.context.folder, 'bundled'), '1.30.0');
  for (const version of ['1.30.0', '1.31.2']) {
    const installed = await copy(path.join(t.context.folder, version), version);
    t.is(onnxruntimeFolder({ ...LINUX, installed, bundled }), installed);
  }
});

test('an installed one that is too old, of another major version or for another platform is left alone', async (t) => {
  const bundled = await copy(path.join(t.context.folder, 'bundled'), '1.30.0');
  for (const [version, platform] of [
    ['1.9.0', 'linux/x64'],
    ['1.29.3', 'linux/x64'],
    ['2.30.0', 'linux/x64'],
    ['1.30.0', 'linux/arm64'],
  ] as const) {
    const installed = await copy(path.join(t.context.folder, version + platform), version, platform);
    t.is(onnxruntimeFolder({ ...LINUX, installed, bundled }), bundled, `${version} ${platform}`);
  }
  t.is(onnxruntimeFolder({ ...LINUX, installed: undefined, bundled }), bundled);
});

test('where neither has the platform, the error says what to install', async (t) => {
  const bundled = await copy(path.join(t.context.folder, 'bundled'), '1.30.0');
  t.throws(() => onnxruntimeFolder({ platform: 'darwin', arch: 'arm64', installed: undefined, bundled }), {
    name: 'ModelError',
    message: /darwin\/arm64.*`npm install onnxruntime-node@\^1\.30\.0`$/,
  });
  t.throws(() => onnxruntimeFolder({ ...LINUX, installed: undefined, bundled: '/nowhere' }), {
    message: /npm run build/,
  });
});
