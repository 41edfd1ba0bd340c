import path from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder } from '../files/list-folder.js';
import { pathIgnoringCase } from '../files/path-ignoring-case.js';
import { readText } from '../files/read-text.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import { vistasTrainId } from './vistas-classes.js';

export const VISTAS_SUBSETS = ['training', 'validation', 'testing'] as const;

export interface VistasOptions extends Completeness {
  /** Default `validation`. */
  readonly subset?: (typeof VISTAS_SUBSETS)[number];
}

/** What is read of `config.json`: the classes in the order of their numbers. */
const CONFIG = z.object({
  labels: z
    .array(z.object({ name: z.string() }))
    .min(1)
    .max(256),
});

/**
 * Mapillary Vistas as published: `SUBSET/images/NAME.jpg`, `SUBSET/labels/NAME.png` (numbers with a palette) and
 * `config.json`, which names the classes (version 1.2); or `SUBSET/v2.0/labels/` and `config_v2.0.json`. Its classes are
 * compared by Cityscapes' seven categories. The subset `testing` is published without its labels.
 * @throws TrainingError when pictures are missing, labels of some of them unless `allowMissing`, or the names of the classes.
 */
export async function openVistas(root: string, options: VistasOptions = {}): Promise<FrameSet> {
  const { subset = 'validation' } = options;
  const pictures = await pathIgnoringCase(root, subset, 'images');
  const names = (await listFolder(pictures, `Mapillary Vistas' pictures, \`${subset}/images/*.jpg\``)).filter(
    (name) => /\.jpe?g$/i.test(name),
  );
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`*.jpg\`.`, { file: pictures });
  const { config, labels } = await labelsOf(root, subset);
  const trainIdByNumber =
    labels.names.length === 0 ? [] : await classesOf(await pathIgnoringCase(root, config));
  const absent: string[] = [];
  const frames = names.map((file): FrameFiles => {
    const name = file.replace(/\.[^.]+$/, '');
    const label = labels.find(`${name}.png`);
    if (label === undefined) absent.push(labels.placeOf(`${name}.png`));
    return {
      ...{ name, picture: path.join(pictures, file) },
      ...(label !== undefined && { labels: { file: label, numbers: 'palette', trainIdByNumber } }),
    };
  });
  const missing =
    absent.length === frames.length
      ? [`no labels: ${labels.folder} holds none`]
      : requireComplete('label pictures', absent, frames.length, options);
  return { title: `Mapillary Vistas ${subset}, ${frames.length} frames`, frames, missing, classSets: ['7'] };
}

/** Version 1.2 where it is there, else 2.0. */
async function labelsOf(root: string, subset: string) {
  const versions = [
    { place: ['labels'], config: 'config.json' },
    { place: ['v1.2', 'labels'], config: 'config_v1.2.json' },
    { place: ['v2.0', 'labels'], config: 'config_v2.0.json' },
  ] as const;
  for (const { place, config } of versions) {
    const labels = await FolderNames.of(await pathIgnoringCase(root, subset, ...place));
    if (labels.names.length > 0) return { config, labels };
  }
  const [{ config }] = versions;
  return { config, labels: new FolderNames(path.join(root, subset, 'labels'), []) };
}

async function classesOf(file: string): Promise<number[]> {
  const text = await readText(file, "the names of Mapillary Vistas' classes, `labels[].name`");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(`${file} is no JSON: ${messageOf(cause)}.`, { file, cause });
  }
  const config = CONFIG.safeParse(value);
  if (!config.success)
    throw new TrainingError(`${file}: ${z.prettifyError(config.error)}`, {
      field: config.error.issues[0]?.path.join('.'),
      file,
    });
  return config.data.labels.map(({ name }) => vistasTrainId(name));
}
