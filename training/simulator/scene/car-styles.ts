/** One body style: stations along the length (0 = rear, 1 = front) as shares of length and height. */
export interface CarStyle {
  readonly length: readonly [number, number];
  readonly width: readonly [number, number];
  readonly height: readonly [number, number];
  /** Belt line and bonnet front over ground, shares of the height. */
  readonly belt: number;
  readonly bonnet: number;
  /** Stations: end of boot, rear and front edge of the roof, base of the windscreen. */
  readonly boot: number;
  readonly roofRear: number;
  readonly roofFront: number;
  readonly screen: number;
  readonly clearance: number;
}

/** Body styles by name. */
export const CAR_STYLES: Readonly<Record<string, CarStyle>> = {
  hatchback: {
    length: [3.6, 4.2],
    width: [1.64, 1.78],
    height: [1.4, 1.52],
    belt: 0.62,
    bonnet: 0.5,
    boot: 0.02,
    roofRear: 0.13,
    roofFront: 0.56,
    screen: 0.75,
    clearance: 0.2,
  },
  sedan: {
    length: [4.3, 5.0],
    width: [1.7, 1.88],
    height: [1.38, 1.48],
    belt: 0.63,
    bonnet: 0.49,
    boot: 0.15,
    roofRear: 0.3,
    roofFront: 0.56,
    screen: 0.73,
    clearance: 0.2,
  },
  coupe: {
    length: [4.1, 4.6],
    width: [1.7, 1.85],
    height: [1.28, 1.38],
    belt: 0.64,
    bonnet: 0.5,
    boot: 0.1,
    roofRear: 0.33,
    roofFront: 0.52,
    screen: 0.7,
    clearance: 0.17,
  },
  wagon: {
    length: [4.3, 4.9],
    width: [1.7, 1.86],
    height: [1.42, 1.52],
    belt: 0.62,
    bonnet: 0.49,
    boot: 0.015,
    roofRear: 0.09,
    roofFront: 0.58,
    screen: 0.75,
    clearance: 0.2,
  },
  suv: {
    length: [4.2, 4.9],
    width: [1.78, 1.98],
    height: [1.62, 1.88],
    belt: 0.6,
    bonnet: 0.53,
    boot: 0.015,
    roofRear: 0.08,
    roofFront: 0.56,
    screen: 0.73,
    clearance: 0.25,
  },
  minivan: {
    length: [4.2, 4.8],
    width: [1.74, 1.88],
    height: [1.58, 1.75],
    belt: 0.58,
    bonnet: 0.48,
    boot: 0.015,
    roofRear: 0.07,
    roofFront: 0.64,
    screen: 0.84,
    clearance: 0.19,
  },
  van: {
    length: [4.8, 6.2],
    width: [1.9, 2.05],
    height: [1.95, 2.65],
    belt: 0.5,
    bonnet: 0.42,
    boot: 0.004,
    roofRear: 0.02,
    roofFront: 0.75,
    screen: 0.88,
    clearance: 0.22,
  },
  pickup: {
    length: [4.9, 5.6],
    width: [1.8, 2.0],
    height: [1.7, 1.88],
    belt: 0.58,
    bonnet: 0.52,
    boot: 0.36,
    roofRear: 0.4,
    roofFront: 0.6,
    screen: 0.74,
    clearance: 0.27,
  },
};
