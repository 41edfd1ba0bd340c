import { TrainingError } from '../../errors.js';
import { openCamvid } from '../camvid/camvid.js';
import { CITYSCAPES_SUBSETS, openCityscapes } from '../cityscapes/cityscapes.js';
import { checkOptions, type DataSpec } from '../data-spec.js';
import { openKitti2015 } from '../kitti/kitti-2015.js';
import { type KittiRawOptions, openKittiRaw } from '../kitti/kitti-raw.js';
import { MAKE3D_ERRORS, MAKE3D_SUBSETS, openMake3d } from '../make3d/make3d.js';
import { NYUV2_SUBSETS, openNyuv2 } from '../nyuv2/nyuv2.js';
import { openSynthia } from '../synthia/synthia.js';
import { openVirtualKitti, type VirtualKittiOptions } from '../virtual-kitti/virtual-kitti.js';
import { openVistas, VISTAS_SUBSETS } from '../vistas/vistas.js';
import type { FrameSet } from './frame-files.js';

/** How a published data set is opened; `missing=allow` leaves out what is not there, instead of refusing. */
interface Kind {
  readonly options: readonly string[];
  readonly open: (spec: DataSpec) => Promise<FrameSet>;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'kitti-raw': {
    options: ['split', 'truth', 'improved', 'missing'],
    open: (spec) =>
      openKittiRaw(spec.place, {
        ...allowMissing(spec),
        truth: kittiTruth(spec),
        ...(spec.options.split !== undefined && { split: spec.options.split }),
      }),
  },
  'kitti-2015': { options: ['missing'], open: (spec) => openKitti2015(spec.place, allowMissing(spec)) },
  cityscapes: {
    options: ['subset', 'depth', 'missing'],
    open: (spec) =>
      openCityscapes(spec.place, {
        ...allowMissing(spec),
        subset: oneOf(spec, 'subset', CITYSCAPES_SUBSETS, 'val'),
        depth: oneOf(spec, 'depth', ['disparity', 'none'] as const, 'none'),
      }),
  },
  nyuv2: {
    options: ['subset', 'missing'],
    open: (spec) =>
      openNyuv2(spec.place, { ...allowMissing(spec), subset: oneOf(spec, 'subset', NYUV2_SUBSETS, 'test') }),
  },
  make3d: {
    options: ['subset', 'errors', 'missing'],
    open: (spec) =>
      openMake3d(spec.place, {
        ...allowMissing(spec),
        subset: oneOf(spec, 'subset', MAKE3D_SUBSETS, 'test'),
        errors: oneOf(spec, 'errors', MAKE3D_ERRORS, 'C1'),
      }),
  },
  'virtual-kitti': {
    options: ['version', 'variation', 'camera', 'missing'],
    open: (spec) => openVirtualKitti(spec.place, { ...allowMissing(spec), ...virtualKitti(spec) }),
  },
  synthia: { options: ['missing'], open: (spec) => openSynthia(spec.place, allowMissing(spec)) },
  vistas: {
    options: ['subset', 'missing'],
    open: (spec) =>
      openVistas(spec.place, {
        ...allowMissing(spec),
        subset: oneOf(spec, 'subset', VISTAS_SUBSETS, 'validation'),
      }),
  },
  camvid: { options: ['missing'], open: (spec) => openCamvid(spec.place, allowMissing(spec)) },
};

/** The kinds of `openFrameSet`. */
export const FRAME_SET_KINDS: readonly string[] = Object.keys(KINDS);

/**
 * Opens a data set that lies on the disk as it was published:
 * `kitti-raw:ROOT?split=FILE&truth=lidar|lidar-monodepth2|improved|none&improved=FOLDER`, `kitti-2015:ROOT`,
 * `cityscapes:ROOT?subset=train|val|test&depth=disparity`, `virtual-kitti:ROOT?version=1|2&variation=clone+fog&camera=0|1`,
 * `nyuv2:ROOT?subset=train|test`, `make3d:ROOT?subset=train|test&errors=C1|C2`, `synthia:ROOT`,
 * `vistas:ROOT?subset=training|validation|testing`, `camvid:ROOT`; all with `missing=allow`.
 * @throws TrainingError naming what is wrong with the options or missing on the disk.
 */
export async function openFrameSet(spec: DataSpec): Promise<FrameSet> {
  const kind = Object.hasOwn(KINDS, spec.kind) ? KINDS[spec.kind] : undefined;
  if (kind === undefined) {
    const known = FRAME_SET_KINDS.map((name) => `\`${name}:ROOT\``).join(', ');
    throw new TrainingError(`expected a data set as one of ${known}, got \`${spec.kind}:${spec.place}\``);
  }
  checkOptions(spec, kind.options);
  return await kind.open(spec);
}

function virtualKitti(spec: DataSpec): VirtualKittiOptions {
  const { version, variation, camera } = spec.options;
  return {
    ...(version !== undefined && {
      version: oneOf(spec, 'version', ['1', '2'] as const, '1') === '1' ? 1 : 2,
    }),
    ...(variation !== undefined && { variations: variation.split(/[+ ,]/) }), // `+` is a blank in a query
    ...(camera !== undefined && { camera: oneOf(spec, 'camera', ['0', '1'] as const, '0') === '0' ? 0 : 1 }),
  };
}

function kittiTruth(spec: DataSpec): NonNullable<KittiRawOptions['truth']> {
  const { improved } = spec.options;
  const kinds = ['lidar', 'lidar-monodepth2', 'improved', 'none'] as const;
  const truth = oneOf(spec, 'truth', kinds, improved === undefined ? 'lidar' : 'improved');
  return truth === 'improved' ? { improved: improved ?? spec.place } : truth;
}

function allowMissing(spec: DataSpec): { readonly allowMissing: boolean } {
  return { allowMissing: oneOf(spec, 'missing', ['allow', 'refuse'] as const, 'refuse') === 'allow' };
}

function oneOf<T extends string>(spec: DataSpec, name: string, values: readonly T[], fallback: T): T {
  const text = spec.options[name];
  const found = values.find((value) => value === text);
  if (text === undefined) return fallback;
  if (found !== undefined) return found;
  const expected = values.map((value) => `\`${value}\``).join(', ');
  throw new TrainingError(`${spec.kind}: expected \`${name}\` to be one of ${expected}, got \`${text}\``);
}
