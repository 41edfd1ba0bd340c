import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { ModelError } from '../../models/errors.js';
import type { Manifest } from '../../models/manifest.js';
import { loadModel, MANIFEST_FILE } from '../../models/model-store.js';
import { formatVersionId, parseVersionId, type VersionId } from '../../models/versions/version-id.js';
import { type StoredVersion, VersionStore } from '../../models/versions/version-store.js';
import { table } from '../evaluation/report-text.js';
import { adjustmentText, classAdjustmentOf } from '../perception-graph/class-adjustment.js';
import { register as registerImport } from './import.js';
import { integer, positive } from './numbers.js';
import { registerQuantize } from './quantize.js';
import { registerReleases } from './releases.js';

/** `rxdepth model`: the versions on this machine, in `$RXDEPTH_HOME`. */
export function register(program: Command): void {
  const model = program
    .command('model')
    .summary('list, choose, import, sign and change versions of models')
    .description(
      'Versions of models on this machine: NAME/0 comes with rxdepth, NAME/1 and so on were made here, in $RXDEPTH_HOME ' +
        '(default: rxdepth in the XDG data folder, ~/.local/share/rxdepth).',
    );
  model
    .command('list')
    .description('All versions; the current one, which the other commands use by default, has a star.')
    .option('--json', 'print an array of objects instead of a table')
    .action(async (flags: { json?: boolean }) => list(flags.json ?? false));
  model
    .command('show')
    .description('What a version is, where it comes from, how it was judged; checks the hashes of its files.')
    .argument('[version]', 'NAME/N, N of the current name, or a model folder (default: the current version)')
    .option('--json', 'print the manifest and the verdict as one object')
    .action(async (text: string | undefined, flags: { json?: boolean }) => show(text, flags.json ?? false));
  model
    .command('use')
    .description(
      'Make a version the current one, after checking its hashes. A model folder is stored as the next version of its name first.',
    )
    .argument('<version>', 'NAME/N, N of the current name, or a model folder')
    .action(async (text: string) => {
      const store = new VersionStore();
      const isFolder = existsSync(path.join(text, MANIFEST_FILE));
      const id = isFolder ? await store.versionOf(text) : await versionOf(store, text);
      const before = await store.use(id);
      process.stdout.write(`${formatVersionId(id)} (was ${formatVersionId(before)})\n`);
    });
  model
    .command('rollback')
    .description('Go back to the version that was current before.')
    .action(async () => {
      const { from, to, passedOver } = await new VersionStore().rollback();
      for (const problem of passedOver) process.stderr.write(`passed over: ${problem}\n`);
      process.stdout.write(`${formatVersionId(to)} (was ${formatVersionId(from)})\n`);
    });
  model
    .command('resize')
    .description(
      'Copy a version with another number of pixels for its network: fewer are faster, more show far things larger; ' +
        'it is best near the size that it was trained at.',
    )
    .argument('[version]', 'NAME/N, N of the current name, or a model folder (default: the current version)')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .option('--overwrite', 'replace the model folder that is there')
    .requiredOption('--pixels <n>', 'for example 81920 for about 512x160', integer)
    .action(
      async (text: string | undefined, flags: { output: string; overwrite?: boolean; pixels: number }) => {
        const { resizeModel } = await import('../perception-graph/resize-model.js');
        const loaded = await loadModel(await folderOf(new VersionStore(), text));
        await resizeModel(loaded, { folder: flags.output, overwrite: flags.overwrite }, flags.pixels);
        process.stdout.write(`${flags.output}\n`);
      },
    );
  model
    .command('average')
    .description(
      'Write the model whose weights are the mean of those of several, which were trained one from another: it sees unknown ' +
        'places better than each of them. Where they lie far apart, train some steps from it (train --init).',
    )
    .argument('<versions...>', 'NAME/N or model folders, at least two')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .option('--overwrite', 'replace the model folder that is there')
    .action(async (texts: string[], flags: { output: string; overwrite?: boolean }) => {
      const { averageModels } = await import('../perception-graph/average-models.js');
      const store = new VersionStore();
      const models = await Promise.all(texts.map(async (text) => loadModel(await folderOf(store, text))));
      const command = `rxdepth model average ${texts.map((text) => path.basename(text)).join(' ')}`;
      const place = { folder: flags.output, overwrite: flags.overwrite };
      await averageModels(models, place, command, (text) => process.stderr.write(`${text}\n`));
      process.stdout.write(`${flags.output}\n`);
    });
  model
    .command('adjust-classes')
    .description(
      'Copy a version that chooses some classes more or less readily, by adding to their logits (Menon et al. 2021): less of ' +
        'what it sees where it is not, or more of what it misses. Depth stays as it is. The copy of an 8-bit model is its ' +
        'float form; quantize it again.',
    )
    .argument('[version]', 'NAME/N or a model folder (default: the current one)')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .requiredOption(
      '--class <name=value>',
      'class and what is added to its logit; -1 makes it e times less likely (repeatable)',
      collectAdjustment,
      new Map<string, number>(),
    )
    .option('--overwrite', 'replace the model folder that is there')
    .action(
      async (
        text: string | undefined,
        flags: { output: string; class: ReadonlyMap<string, number>; overwrite?: boolean },
      ) => {
        const { adjustLogits } = await import('../perception-graph/adjust-logits.js');
        const folder = await folderOf(new VersionStore(), text);
        const classes = [...flags.class].map(([name, value]) => `--class '${name}=${value}'`).join(' ');
        const command = `rxdepth model adjust-classes ${path.basename(folder)} ${classes}`;
        const place = { folder: flags.output, overwrite: flags.overwrite };
        await adjustLogits(await loadModel(folder), flags.class, place, command);
        process.stdout.write(`${flags.output}\n`);
      },
    );
  model
    .command('scale')
    .description(
      'Copy a version whose depths are so many times as large, where all of them are too small or too large. Weights stay as ' +
        'they are. `rxdepth evaluate` tells the factor as the ratio of its unscaled figures. The copy of an 8-bit model is its ' +
        'float form; quantize it again.',
    )
    .argument('[version]', 'NAME/N or a model folder (default: the current one)')
    .requiredOption('-o, --output <folder>', 'model folder to write')
    .requiredOption('--factor <ratio>', 'true / predicted metres, 0.1 to 10', positive)
    .option('--overwrite', 'replace the model folder that is there')
    .action(
      async (text: string | undefined, flags: { output: string; factor: number; overwrite?: boolean }) => {
        const { scaleDepth } = await import('../perception-graph/scale-depth.js');
        const folder = await folderOf(new VersionStore(), text);
        const place = { folder: flags.output, overwrite: flags.overwrite };
        const command = `rxdepth model scale ${path.basename(folder)} --factor ${flags.factor}`;
        await scaleDepth(await loadModel(folder), place, flags.factor, command);
        process.stdout.write(`${flags.output}\n`);
      },
    );
  registerQuantize(model, (text) => folderOf(new VersionStore(), text));
  registerImport(model);
  registerReleases(model, (text) => folderOf(new VersionStore(), text));
}

/** `NAME=VALUE` of --class; a later one of the same class counts. */
function collectAdjustment(text: string, before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const [, name = '', value = ''] = /^(.+)=([^=]*)$/.exec(text) ?? [];
  const added = value.trim() === '' ? Number.NaN : Number(value);
  if (name === '' || !(Math.abs(added) <= 20))
    throw new InvalidArgumentError(`expected \`NAME=VALUE\`, VALUE from -20 to 20, got \`${text}\`.`);
  return new Map(before).set(name, added);
}

async function list(json: boolean): Promise<void> {
  const { versions, problems } = await new VersionStore().list();
  for (const problem of problems) process.stderr.write(`not a version: ${problem}\n`);
  if (json) {
    const rows = versions.map(({ name, version, folder, current, shipped, manifest }) => ({
      ...{ name, version, folder, current, shipped },
      provenance: manifest.provenance,
    }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const rows = versions.map((entry) => [
    `${entry.current ? '*' : ' '} ${formatVersionId(entry)}`,
    entry.shipped ? 'with rxdepth' : shortened(entry.manifest.provenance.parent ?? ''),
    shortened(entry.manifest.provenance.method),
    entry.manifest.provenance.createdAt.slice(0, 16).replace('T', ' '),
    megabytes(entry),
  ]);
  process.stdout.write(`${table([['  version', 'from', 'method', 'made', 'size'], ...rows])}\n`);
}

/** A row of the table stays on one line of a terminal; `model show` has the whole text. */
function shortened(text: string): string {
  return text.length <= 32 ? text : `${text.slice(0, 31)}…`;
}

function megabytes({ manifest }: StoredVersion): string {
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function show(text: string | undefined, json: boolean): Promise<void> {
  const store = new VersionStore();
  const folder = await folderOf(store, text);
  const { manifest } = await loadModel(folder);
  const judge = manifest.files['judge.json'] === undefined ? undefined : await verdict(folder);
  if (json) {
    process.stdout.write(`${JSON.stringify({ folder, manifest, judge }, null, 2)}\n`);
    return;
  }
  const { input, depth, provenance } = manifest;
  const lines = [
    ['model', `${manifest.name}/${manifest.version}`],
    ['folder', folder],
    ['licence', manifest.license],
    ['network', `${manifest.network.architecture}, ${input.pixels} pixels`],
    [
      'depth',
      depth.metric ? `metric, up to ${depth.farMeters} m` : depth.kind === 'none' ? 'none' : 'relative',
    ],
    ['classes', classesText(manifest)],
    ['method', provenance.method],
    ['data', provenance.data],
    ['parent', provenance.parent ?? 'none'],
    ['made', `${provenance.createdAt}, ${provenance.steps} steps, ${provenance.trainedSeconds} s`],
    ['command', provenance.command],
    ...Object.entries(provenance.metrics).map(([name, value]) => [name, value.toPrecision(4)]),
    ['files', `${Object.keys(manifest.files).join(', ')}: sizes and hashes agree`],
    ...(judge === undefined ? [] : [['judge', `${judge.verdict}: ${judge.reasons.join('; ')}`]]),
  ];
  process.stdout.write(`${lines.map(([name = '', value]) => `${name.padEnd(20)}${value}`).join('\n')}\n`);
}

function classesText(manifest: Manifest): string {
  const { classes } = manifest;
  if (classes.length === 0) return 'none';
  const adjustment = adjustmentText(classAdjustmentOf(manifest) ?? {});
  return adjustment === ''
    ? String(classes.length)
    : `${classes.length}, after learning adjusted by: ${adjustment}`;
}

async function verdict(folder: string): Promise<{ verdict: string; reasons: string[] }> {
  return JSON.parse(await readFile(path.join(folder, 'judge.json'), 'utf8')); // its hash was checked
}

async function folderOf(store: VersionStore, text: string | undefined): Promise<string> {
  if (text === undefined) return await store.currentFolder();
  if (!/^\d+$/.test(text) && parseVersionId(text) === undefined) return text;
  return (await store.load(await versionOf(store, text))).folder;
}

async function versionOf(store: VersionStore, text: string): Promise<VersionId> {
  if (/^\d{1,9}$/.test(text)) return { name: (await store.current()).name, version: Number(text) };
  const id = parseVersionId(text);
  if (id !== undefined) return id;
  throw new ModelError(
    `expected a version as \`NAME/N\` or \`N\`, got ${text}; \`rxdepth model list\` shows them.`,
  );
}
