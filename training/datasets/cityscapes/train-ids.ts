import { UNLABELLED } from '../../../models/class-table.js';

/**
 * trainId of each id that is evaluated; all others are unlabelled. Source: Cityscapes' label table (ids 7 road, 8
 * sidewalk, 11 building, 12 wall, 13 fence, 17 pole, 19 traffic light, 20 traffic sign, 21 vegetation, 22 terrain, 23 sky,
 * 24 person, 25 rider, 26 car, 27 truck, 28 bus, 31 train, 32 motorcycle, 33 bicycle).
 */
const IDS_BY_TRAIN_ID = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33] as const;

const TRAIN_IDS = new Uint8Array(256).fill(UNLABELLED);
for (const [trainId, id] of IDS_BY_TRAIN_ID.entries()) TRAIN_IDS[id] = trainId;

/** Cityscapes ids (`*_labelIds.png`) as trainIds, 255 = unlabelled. */
export function trainIdsOf(ids: Uint8Array): Uint8Array {
  return ids.map((id) => TRAIN_IDS[id] ?? UNLABELLED);
}
