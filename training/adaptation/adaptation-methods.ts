import {
  type AdaptationMethodName,
  parseMethodNames,
  usesTeachers,
} from '../../msgs/adaptation/adaptation-method-names.js';
import { MessageError } from '../../msgs/errors.js';
import { TrainingError } from '../errors.js';
import type { AdaptationMethod } from './adaptation-method.js';
import { pictureRefusal } from './drive/picture-refusal.js';
import { refusal } from './drive/refusal.js';
import { alignCandidates } from './learning/align-candidates.js';
import { alignLabelCandidates } from './learning/align-label-candidates.js';
import { trainCandidates } from './learning/train-candidates.js';
import { severalMethods } from './several-methods.js';

/** Self-supervised depth: three neighbouring pictures of a camera that moves. */
const SGDEPTH: AdaptationMethod = {
  name: 'sgdepth',
  learnsFrom: 'its motion',
  needsMotion: true,
  usesTeachers: usesTeachers('sgdepth'),
  improves: ['depth'],
  refusal: (drives) => refusal(drives.looked, drives.skipped, drives.selections, drives),
  targets: ({ adapt, judge }) => ({ learn: adapt.length, judge: judge.length }),
  learn: trainCandidates,
};

/** Features aligned by an adversary: single pictures, whatever the camera does. */
const DA_MONODEPTH: AdaptationMethod = {
  name: 'da-monodepth',
  learnsFrom: 'its pictures alone',
  needsMotion: false,
  usesTeachers: usesTeachers('da-monodepth'),
  improves: ['depth'],
  refusal: pictureRefusal,
  targets: ({ pictures }) => ({ learn: pictures.adapt.length, judge: pictures.judge.length }),
  learn: alignCandidates,
};

/** Surprisal times depth aligned by an adversary: labels get better, depth stays. */
const DADA: AdaptationMethod = {
  name: 'dada',
  learnsFrom: 'its pictures alone (labels)',
  needsMotion: false,
  usesTeachers: usesTeachers('dada'),
  improves: ['labels'],
  refusal: pictureRefusal,
  targets: ({ pictures }) => ({ learn: pictures.adapt.length, judge: pictures.judge.length }),
  learn: alignLabelCandidates,
};

/** All ways to adapt; the first is taken where none is named. */
export const ADAPTATION_METHODS: readonly AdaptationMethod[] = [SGDEPTH, DA_MONODEPTH, DADA];

/**
 * What `--method` names: one way to adapt, or several, comma-separated, which learn one after another.
 * @throws TrainingError for a name that none has, or that is there twice.
 */
export function adaptationMethod(text: string): AdaptationMethod {
  const methods = namesOf(text).flatMap((name) =>
    ADAPTATION_METHODS.filter((method) => method.name === name),
  );
  const [first] = methods;
  return methods.length === 1 && first !== undefined ? first : severalMethods(methods);
}

function namesOf(text: string): AdaptationMethodName[] {
  try {
    return parseMethodNames(text);
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    throw new TrainingError(`--method: ${cause.message}`, { field: '--method', cause });
  }
}
