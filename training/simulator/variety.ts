/** What the streets of a domain show beyond the plain ones. Pairs are [low, high] of a uniform law. */
export interface Variety {
  /** Things at the kerb and before the fronts of houses, most of them mistaken for people or cars, per metre of a side. */
  readonly clutter: readonly [number, number];
  /** Chance that a street has nobody on its pavements; otherwise the factor on the usual number of people. */
  readonly emptyPavementChance: number;
  readonly people: readonly [number, number];
  /** Chance that someone stands, walks or cycles within 2 to 14 m of the camera, beside its lane. */
  readonly nearPeopleChance: number;
  /** Chance that a side of the road is grass without a pavement, or a lawn between kerb and pavement. */
  readonly openVergeChance: number;
  readonly lawnChance: number;
  /** Chance of a bridge or an underpass within 100 m of the camera. */
  readonly underpassChance: number;
  /** Chance of asphalt with tar seams, patches, manholes, tyre tracks and stains. */
  readonly wornAsphaltChance: number;
}
