import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../models/package-root.js';

const root = packageRoot();

/** Lints a project of the given files under this project's own configuration. */
function lint(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rxdepth-layers-'));
  try {
    copyFileSync(path.join(root, 'biome.json'), path.join(folder, 'biome.json'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const biome = path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const run = spawnSync(process.execPath, [biome, 'lint', '--vcs-enabled=false', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status: run.status, output: run.stdout + run.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const value = 'export const value = 1;\n';

for (const [from, to] of [
  ['nodes', 'training'],
  ['training', 'nodes'],
  ['msgs', 'models'],
  ['msgs', 'training'],
  ['models', 'nodes'],
  ['models', 'training'],
  ['msgs', 'vision'],
  ['models', 'vision'],
  ['vision', 'models'],
  ['vision', 'training'],
  ['vision', 'nodes'],
] as const) {
  test(`${from} may not import ${to}, not even a type`, (t) => {
    const { status, output } = lint({
      [`${to}/deep/value.ts`]: value,
      [`${from}/deep/user.ts`]: `import type { value } from '../../${to}/deep/value.js';\nexport type Value = typeof value;\n`,
    });
    t.not(status, 0);
    t.regex(output, /noRestrictedImports/);
  });
}

test('training and nodes may import msgs, models and vision, and vision msgs', (t) => {
  const user =
    "import { value } from '../msgs/value.js';\nimport { value as other } from '../models/value.js';\nimport { seen } from '../vision/seen.js';\nexport const sum = value + other + seen;\n";
  const { status, output } = lint({
    'msgs/value.ts': value,
    'models/value.ts': value,
    'vision/seen.ts': "import { value } from '../msgs/value.js';\nexport const seen = value;\n",
    'nodes/user.ts': user,
    'training/user.ts': user,
  });
  t.is(status, 0, output);
});

test('an import cycle is refused', (t) => {
  const { status, output } = lint({
    'nodes/a.ts': "import { b } from './b.js';\nexport const a = () => b;\n",
    'nodes/b.ts': "import { a } from './a.js';\nexport const b = () => a;\n",
  });
  t.not(status, 0);
  t.regex(output, /noImportCycles/);
});

test('only models/onnxruntime.ts may import onnxruntime-node: it switches telemetry off first', (t) => {
  const user = "import { Tensor } from 'onnxruntime-node';\nexport const tensor = Tensor;\n";
  const folders = ['models', 'training', 'nodes', 'msgs', 'vision', 'bin', 'bench', 'test'];
  const users = Object.fromEntries(folders.map((folder) => [`${folder}/user.ts`, user]));
  const { status, output } = lint({ ...users, 'models/onnxruntime.ts': user });
  t.not(status, 0);
  const refused = [...output.matchAll(/^(\S+):\d+:\d+ lint\/style\/noRestrictedImports/gm)].map(
    ([, file]) => file,
  );
  t.deepEqual(refused.sort(), Object.keys(users).sort());
  t.regex(output, /Import `models\/onnxruntime\.js` instead/);
});

test('training and nodes start their workers by models/start-worker.ts, which switches telemetry off first', (t) => {
  const user = (name: string) =>
    `import { ${name} } from 'node:worker_threads';\nexport const value = ${name};\n`;
  const bad = { 'training/bad.ts': user('Worker'), 'nodes/bad.ts': user('Worker') };
  const good = { 'training/good.ts': user('parentPort'), 'nodes/good.ts': user('workerData') };
  const { output } = lint({ ...bad, ...good, 'models/start-worker.ts': user('Worker') });
  const refused = [...output.matchAll(/^(\S+):\d+:\d+ lint\/style\/noRestrictedImports/gm)].map(
    ([, file]) => file,
  );
  t.deepEqual(refused.sort(), Object.keys(bad).sort());
});
