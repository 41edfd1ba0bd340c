import { UNLABELLED } from '../../../models/class-table.js';

/**
 * trainId of each class number of SYNTHIA-RAND-CITYSCAPES; void, parking slots, road works and lane markings are none of
 * Cityscapes'. Source: the data set's class table (1 sky, 2 building, 3 road, 4 sidewalk, 5 fence, 6 vegetation, 7 pole, 8
 * car, 9 traffic sign, 10 pedestrian, 11 bicycle, 12 motorcycle, 13 parking slot, 14 road work, 15 traffic light, 16 terrain,
 * 17 rider, 18 truck, 19 bus, 20 train, 21 wall, 22 lane marking); lane markings left out as in DADA's code for 16 classes.
 */
export const SYNTHIA_TRAIN_IDS: readonly number[] = [
  ...[UNLABELLED, 10, 2, 0, 1, 4, 8, 5, 13, 7, 11, 18],
  ...[17, UNLABELLED, UNLABELLED, 6, 9, 12, 14, 15, 16, 3, UNLABELLED],
];
