import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLED_ONNXRUNTIME } from '../models/onnxruntime-folder.js';

/**
 * Last step of `npm run build`: puts what runs of onnxruntime-node, for Linux, beside the compiled code. The package brings it
 * along, since onnxruntime-node's own installation fails where it cannot download CUDA (docs/decisions/008).
 */
const LINUX = ['x64', 'arm64'];

/** onnxruntime-node has no licence file of its own; its package.json says MIT. */
const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

const source = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const target = path.join(fileURLToPath(new URL('../..', import.meta.url)), BUNDLED_ONNXRUNTIME);
const read = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8'));

const { name, version, license, main, repository, dependencies } = read(path.join(source, 'package.json'));
const wanted = (dependencies as Record<string, string>)['onnxruntime-common'];
const ours = read(path.join(target, '..', '..', '..', 'package.json'));
const given = (ours.dependencies as Record<string, string>)['onnxruntime-common'];
if (wanted !== given) {
  throw new Error(
    `package.json: onnxruntime-node ${version} needs onnxruntime-common ${wanted}, not ${given}`,
  );
}
for (const folder of ['dist', ...LINUX.map((arch) => path.join('bin', 'napi-v6', 'linux', arch))]) {
  mkdirSync(path.join(target, folder), { recursive: true });
  for (const file of readdirSync(path.join(source, folder))) {
    // CUDA's provider, where somebody has fetched it: hundreds of megabytes, and used from where it is.
    if (/\.(map|d\.ts)$|providers/.test(file)) continue;
    place(path.join(source, folder, file), path.join(target, folder, file));
  }
}
writeFileSync(path.join(target, 'LICENSE'), LICENSE);
writeFileSync(
  path.join(target, 'package.json'),
  `${JSON.stringify({ name, version, license, repository, main }, null, 2)}\n`,
);

/** A second name for the file, or a copy where the file system cannot do that. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
