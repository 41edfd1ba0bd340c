import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Last step of `npm run build`: puts the page of `rxdepth view` with everything it needs into one script and one style sheet.
 * So the package depends on none of it, and the page loads nothing from elsewhere.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const source = path.join(root, 'nodes', 'viewer', 'page');
const target = path.join(root, 'dist', 'nodes', 'viewer', 'bundle');

mkdirSync(target, { recursive: true });
const { metafile } = await build({
  entryPoints: { page: path.join(source, 'main.tsx') },
  outdir: target,
  bundle: true,
  minify: true,
  format: 'esm',
  // Browsers of 2022 on.
  target: ['chrome108', 'firefox110', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
for (const name of ['index.html', 'icon.svg']) copyFileSync(path.join(source, name), path.join(target, name));
writeFileSync(path.join(target, 'licences.txt'), licences(Object.keys(metafile.inputs)));

/** The licences of everything that went into the bundle, which ask to stay with it. */
function licences(inputs: readonly string[]): string {
  const names = new Set<string>();
  for (const input of inputs) {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
    if (name !== undefined) names.add(name);
  }
  return [...names]
    .sort()
    .map((name) => {
      const folder = path.join(root, 'node_modules', name);
      const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        version: string;
      };
      return `${name} ${version}\n\n${readFileSync(path.join(folder, 'LICENSE'), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
