import { createHash } from 'node:crypto';
import { TrainingError } from '../../errors.js';
import { CAMERA_OPTIONS, checkOptions, countOption, type DataSpec, parseDataSpec } from '../data-spec.js';
import { listPictures } from '../files/list-pictures.js';
import { FRAME_SET_KINDS, openFrameSet } from '../files/open-frame-set.js';
import type { StoreDescription } from '../stores/sample-store.js';
import { bagPictures } from './prepare-bag.js';
import { fillFrameFiles, type StoredPicture } from './prepare-frame-set.js';
import { picturesOfSimulator } from './prepare-simulator.js';
import type { PreparedPictures, SizedPreparation } from './prepared-data.js';

/** Stored pictures are larger than the network's, which are cropped out of them. */
const MARGIN = 1.25;
const CROP = [1 / MARGIN, 1] as const;
/** Held out where nothing is said: a share of them, but no more than this. */
const HELD_OUT = { share: 0.2, most: 40 } as const;

const KINDS: Readonly<
  Record<string, (spec: DataSpec, preparation: SizedPreparation) => Promise<PreparedPictures>>
> = {
  simulator: picturesOfSimulator,
  bag: preparePicturesOfBag,
  pictures: prepareFolder,
  ...Object.fromEntries(FRAME_SET_KINDS.map((kind) => [kind, prepareFrameSet])),
};

/**
 * Makes the pictures of a target domain ready, without truth, poses, intrinsics or order: `simulator:DOMAIN?samples=N`,
 * `bag:PATH?image=TOPIC&every=N`, `pictures:FOLDER`, or a published data set as `kitti-raw:ROOT?split=FILE`. All with
 * `validation=N`, the last N are held out.
 * @param role the flag that names them, for messages.
 * @throws TrainingError for a kind that has no pictures, or data that cannot be read.
 */
export function preparePictures(
  text: string,
  preparation: SizedPreparation,
  role = '--target',
): Promise<PreparedPictures> {
  const spec = parseDataSpec(text);
  const found = Object.hasOwn(KINDS, spec.kind) ? KINDS[spec.kind] : undefined;
  if (found === undefined) {
    const known = Object.keys(KINDS).map((kind) => `\`${kind}:...\``);
    throw new TrainingError(`${role}: expected ${known.join(', ')}, got \`${text}\``);
  }
  return found(spec, preparation);
}

async function prepareFolder(spec: DataSpec, preparation: SizedPreparation): Promise<PreparedPictures> {
  checkOptions(spec, ['validation']);
  const pictures = await listPictures(spec.place);
  return store(
    spec,
    pictures.map(({ file }) => ({ file, shape: 'cover' })),
    pictures.map(({ state }) => state),
    preparation,
  );
}

async function prepareFrameSet(spec: DataSpec, preparation: SizedPreparation): Promise<PreparedPictures> {
  const { validation: _, ...options } = spec.options;
  const truth: Record<string, string> = spec.kind === 'kitti-raw' ? { truth: 'none' } : {};
  const { frames, title } = await openFrameSet({ ...spec, options: { ...truth, ...options } });
  preparation.report(title);
  const pictures = frames.map(({ picture: file }) => ({ file, shape: 'cover' }) as const);
  return store(
    spec,
    pictures,
    frames.map(({ name }) => name),
    preparation,
  );
}

/** @param states of the pictures: whether a store of them is still theirs. */
async function store(
  spec: DataSpec,
  pictures: readonly StoredPicture[],
  states: readonly string[],
  preparation: SizedPreparation,
): Promise<PreparedPictures> {
  const part = splitOf(spec, pictures.length);
  const made = createHash('sha256').update(states.join('\n')).digest('hex').slice(0, 12);
  const kept = await fillFrameFiles(
    `${spec.kind} ${spec.place} pictures ${made}`,
    pictures,
    { ...enlarged(preparation), truth: false },
    preparation,
  );
  return part(kept);
}

async function preparePicturesOfBag(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedPictures> {
  checkOptions(spec, [...CAMERA_OPTIONS, 'every', 'validation']);
  const kept = await bagPictures(spec, { ...preparation, ...enlarged(preparation) });
  return splitOf(spec, kept.description.count)(kept);
}

/** The last pictures are held out. @throws TrainingError when none would be left to learn from. */
function splitOf(
  spec: DataSpec,
  count: number,
): (kept: { readonly folder: string; readonly description: StoreDescription }) => PreparedPictures {
  const usual = Math.max(1, Math.min(HELD_OUT.most, Math.floor(HELD_OUT.share * count)));
  const heldOut = countOption(spec, 'validation', usual);
  const training = count - heldOut;
  if (training < 1) {
    throw new TrainingError(
      `${spec.kind}:${spec.place}: expected more than \`${heldOut}\` pictures, of which the last are held out, got ${count}; ` +
        `give more pictures${heldOut > 1 ? ' or a smaller `validation`' : ''}`,
    );
  }
  return (kept) => ({
    kind: 'pictures',
    training: { ...kept, count: training },
    heldOut: { ...kept, first: training, count: heldOut },
    crop: CROP,
  });
}

function enlarged({ width, height }: SizedPreparation): { readonly width: number; readonly height: number } {
  return { width: Math.round(MARGIN * width), height: Math.round(MARGIN * height) };
}
