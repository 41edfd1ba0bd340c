import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ModelError } from './errors.js';
import { packageRoot } from './package-root.js';

/** Where `npm run build` puts the parts of onnxruntime-node that run: the package brings them along. */
export const BUNDLED_ONNXRUNTIME = path.join('dist', 'vendor', 'onnxruntime-node');

export interface OnnxruntimePlaces {
  /** Folder of the onnxruntime-node that is installed beside this package; undefined when there is none. */
  readonly installed: string | undefined;
  /** Folder of the one that this package brings along; it need not exist. */
  readonly bundled: string;
  readonly platform: string;
  readonly arch: string;
}

/**
 * Folder of the onnxruntime-node that is loaded. It is the installed one where it is new enough and fits the platform (it may
 * have CUDA), else the bundled one (docs/decisions/008).
 * @throws ModelError when neither serves, with what to install.
 */
export function onnxruntimeFolder(places: OnnxruntimePlaces = found()): string {
  const { installed, bundled, platform, arch } = places;
  const folders = [...(installed !== undefined && isRecent(installed) ? [installed] : []), bundled];
  const folder = folders.find((folder) => existsSync(bindingOf(folder, platform, arch)));
  if (folder !== undefined) return folder;
  throw new ModelError(
    `onnxruntime for ${platform}/${arch} does not come with this package: install it beside rxdepth with ` +
      `\`npm install onnxruntime-node@${wantedVersion()}\`` +
      (existsSync(bundled) ? '' : ', or in a checkout with `npm ci && npm run build`'),
  );
}

/** Folder of onnxruntime's native libraries. */
export function onnxruntimeLibraries(folder: string, platform: string, arch: string): string {
  return path.join(folder, 'bin', 'napi-v6', platform, arch);
}

function bindingOf(folder: string, platform: string, arch: string): string {
  return path.join(onnxruntimeLibraries(folder, platform, arch), 'onnxruntime_binding.node');
}

function found(): OnnxruntimePlaces {
  let installed: string | undefined;
  try {
    installed = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch {
    // Not installed.
  }
  const { platform, arch } = process;
  return { installed, bundled: path.join(packageRoot(), BUNDLED_ONNXRUNTIME), platform, arch };
}

/** Whether a version is the one this package is made for, or a later one with the same major number. */
function isRecent(folder: string): boolean {
  const [major = 0, minor = 0] = numbersOf(readPackage(folder).version ?? '');
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(wantedVersion());
  return major === wantedMajor && minor >= wantedMinor;
}

function wantedVersion(): string {
  return readPackage(packageRoot()).peerDependencies?.['onnxruntime-node'] ?? '';
}

function numbersOf(version: string): number[] {
  return version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);
}

interface PackageJson {
  readonly version?: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as PackageJson;
}
