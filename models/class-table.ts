/** The 19 evaluated classes of Cityscapes, in the order of their trainIds, with the data set's colours. */

export interface SemanticClass {
  readonly name: string;
  /** sRGB, 0..255. */
  readonly color: readonly [number, number, number];
  /** Member of the dynamic-class (DC) set of SGDepth, section 3.3: humans and vehicles. */
  readonly dynamic: boolean;
}

/** Index = trainId. Source: Cityscapes label definitions (names, trainIds, colours); SGDepth for `dynamic`. */
export const CITYSCAPES_CLASSES: readonly SemanticClass[] = [
  { name: 'road', color: [128, 64, 128], dynamic: false },
  { name: 'sidewalk', color: [244, 35, 232], dynamic: false },
  { name: 'building', color: [70, 70, 70], dynamic: false },
  { name: 'wall', color: [102, 102, 156], dynamic: false },
  { name: 'fence', color: [190, 153, 153], dynamic: false },
  { name: 'pole', color: [153, 153, 153], dynamic: false },
  { name: 'traffic light', color: [250, 170, 30], dynamic: false },
  { name: 'traffic sign', color: [220, 220, 0], dynamic: false },
  { name: 'vegetation', color: [107, 142, 35], dynamic: false },
  { name: 'terrain', color: [152, 251, 152], dynamic: false },
  { name: 'sky', color: [70, 130, 180], dynamic: false },
  { name: 'person', color: [220, 20, 60], dynamic: true },
  { name: 'rider', color: [255, 0, 0], dynamic: true },
  { name: 'car', color: [0, 0, 142], dynamic: true },
  { name: 'truck', color: [0, 0, 70], dynamic: true },
  { name: 'bus', color: [0, 60, 100], dynamic: true },
  { name: 'train', color: [0, 80, 100], dynamic: true },
  { name: 'motorcycle', color: [0, 0, 230], dynamic: true },
  { name: 'bicycle', color: [119, 11, 32], dynamic: true },
];

/** trainId of pixels without a class; excluded from losses and metrics. */
export const UNLABELLED = 255;

/** trainIds of the ground. */
export const ROAD = 0;
export const SIDEWALK = 1;
export const TERRAIN = 9;

/** trainId of the sky, which has no depth. */
export const SKY = 10;
