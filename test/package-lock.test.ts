import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../models/package-root.js';

interface LockedPackage {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (name: string) => JSON.parse(readFileSync(path.join(packageRoot(), name), 'utf8'));
const packages: Readonly<Record<string, LockedPackage>> = read('package-lock.json').packages;

const DOWNLOADS = 'onnxruntime-node';

test('the lock file names no registry, so that any mirror serves', (t) => {
  t.deepEqual(
    Object.keys(packages).filter((name) => packages[name]?.resolved !== undefined),
    [],
  );
});

test('the lock file has the packages of all platforms: without one of them, `npm ci` fails on all', (t) => {
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => packages[`node_modules/${name}`] === undefined),
  );
  t.deepEqual(missing, []);
});

test('every install script of a dependency is allowed or denied by name, and no other', (t) => {
  const withScript = Object.keys(packages)
    .filter((name) => packages[name]?.hasInstallScript)
    .map((name) => name.replace(/^.*node_modules\//, ''));
  t.deepEqual(Object.keys(read('package.json').allowScripts).sort(), [...withScript, DOWNLOADS].sort());
});

test('`npm ci` does not run the script that downloads CUDA: npm 10 goes by the lock file, npm 11 by `allowScripts`', (t) => {
  const { hasInstallScript } = packages[`node_modules/${DOWNLOADS}`] ?? {};
  t.is(hasInstallScript, undefined, `remove "hasInstallScript" of ${DOWNLOADS} from package-lock.json again`);
  t.is(read('package.json').allowScripts[DOWNLOADS], false);
});
