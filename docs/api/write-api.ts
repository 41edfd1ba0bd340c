import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../models/package-root.js';
import { apiReport, faces } from './api-report.js';

/*
 * `npm run docs:api`: records what every face offers in docs/api/NAME.api.md, and writes the reference as pages of Markdown
 * to out/api/. Ends with 1 where faces use types that none of them exports.
 */
const root = packageRoot();
const reference = path.join(root, 'out', 'api');
const main = fileURLToPath(import.meta.resolve('@microsoft/api-documenter'));
const documenter = path.join(main, '..', '..', 'bin', 'api-documenter');
await rm(reference, { recursive: true, force: true });

const exported = new Set<string>();
const used: string[] = [];
for (const face of await faces()) {
  const models = path.join(reference, 'models', face.name);
  const report = await apiReport(face, models);
  for (const name of report.exported) exported.add(name);
  used.push(...report.forgotten);
  await writeFile(path.join(root, 'docs', 'api', `${face.name}.api.md`), report.text);
  // One folder a face: API Documenter takes each for a package.
  const pages = path.join(reference, face.name);
  execFileSync(process.execPath, [documenter, 'markdown', '-i', models, '-o', pages], { stdio: 'ignore' });
  process.stdout.write(`docs/api/${face.name}.api.md, ${path.relative(root, pages)}/index.md\n`);
}
const missing = [...new Set(used)].filter((name) => !exported.has(name)).sort();
if (missing.length > 0) {
  process.stderr.write(`types that faces use and no face exports: ${missing.join(', ')}\n`);
  process.exitCode = 1;
}
