import { UNLABELLED } from '../../../models/class-table.js';

/** trainIds that stand for the seven categories, the first class of each: `representativesOf`. */
const [FLAT, CONSTRUCTION, OBJECT, NATURE, SKY, HUMAN, VEHICLE] = [0, 2, 5, 8, 10, 11, 13] as const;

/** The names of Mapillary Vistas' classes begin with a category; the first pattern that fits decides. */
const CATEGORIES: readonly (readonly [pattern: RegExp, trainId: number])[] = [
  [/^construction--flat--/, FLAT],
  [/^marking/, FLAT],
  [/^construction--(barrier|structure)--/, CONSTRUCTION],
  [/^object--(support--|street-light|traffic-light|traffic-sign|pothole)/, OBJECT],
  [/^object--sign--(?!advertisement|ambiguous|information|store)/, OBJECT],
  [/^nature--(vegetation|terrain)/, NATURE],
  [/^nature--sky/, SKY],
  [/^human--/, HUMAN],
  [/^object--vehicle--/, VEHICLE],
];

/**
 * The trainId that stands for the category of one of Mapillary Vistas' classes, by its name; 255 where it is in none.
 * Categories as in DADA's code, which follows SPIGAN's, but for terrain, which is Cityscapes' `nature`.
 */
export function vistasTrainId(name: string): number {
  return CATEGORIES.find(([pattern]) => pattern.test(name))?.[1] ?? UNLABELLED;
}
