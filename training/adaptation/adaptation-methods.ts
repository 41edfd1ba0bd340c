import { TrainingError } from '../errors.js';
import type { AdaptationMethod } from './adaptation-method.js';
import { pictureRefusal } from './drive/picture-refusal.js';
import { refusal } from './drive/refusal.js';
import { alignCandidates } from './learning/align-candidates.js';
import { trainCandidates } from './learning/train-candidates.js';

/** Self-supervised depth: three neighbouring pictures of a camera that moves. */
const SGDEPTH: AdaptationMethod = {
  name: 'sgdepth',
  learnsFrom: 'drives in which the camera moves',
  needsMotion: true,
  refusal: (drives) => {
    const reason = refusal(drives.looked, drives.skipped, drives.selections, drives);
    if (reason === undefined || pictureRefusal(drives) !== undefined) return reason;
    return `${reason}; \`--method da-monodepth\` would learn from its pictures alone`;
  },
  targets: ({ adapt, judge }) => ({ learn: adapt.length, judge: judge.length }),
  learn: trainCandidates,
};

/** Features aligned by an adversary: single pictures, whatever the camera does. */
const DA_MONODEPTH: AdaptationMethod = {
  name: 'da-monodepth',
  learnsFrom: 'single pictures',
  needsMotion: false,
  refusal: pictureRefusal,
  targets: ({ pictures }) => ({ learn: pictures.adapt.length, judge: pictures.judge.length }),
  learn: alignCandidates,
};

/** All ways to adapt; the first is taken where none is named. */
export const ADAPTATION_METHODS: readonly AdaptationMethod[] = [SGDEPTH, DA_MONODEPTH];

/** @throws TrainingError for a name that none has. */
export function adaptationMethod(name: string): AdaptationMethod {
  const found = ADAPTATION_METHODS.find((method) => method.name === name);
  if (found !== undefined) return found;
  const known = ADAPTATION_METHODS.map((method) => `\`${method.name}\``).join(', ');
  throw new TrainingError(`--method: expected one of ${known}, got \`${name}\``);
}
