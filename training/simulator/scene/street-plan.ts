import type { Domain, LayoutName, TrafficDensity } from '../domains.js';
import type { Random } from '../random.js';

export interface SidePlan {
  readonly parking: 'none' | 'parallel' | 'angled';
  readonly parkingWidth: number;
  /** Share of parking places taken. */
  readonly occupancy: number;
  readonly kerbHeight: number;
  readonly verge: number;
  readonly pavement: number;
  /** Distance from the pavement to the fronts of buildings, metres. */
  readonly setback: number;
  /** Rise of the land away from the road, metres at 25 m. */
  readonly bank: number;
  readonly frontage: Readonly<
    Record<
      'row' | 'house' | 'garden' | 'wall' | 'hedge' | 'bushes' | 'wood' | 'open' | 'hall' | 'lot',
      number
    >
  >;
  /** Street trees: mean spacing, 0 = none. */
  readonly treeSpacing: number;
  readonly lampSpacing: number;
  readonly rail: boolean;
}

export interface StreetPlan {
  readonly layout: LayoutName;
  readonly laneWidth: number;
  /** Lanes in our direction and against it. */
  readonly lanesSame: number;
  readonly lanesOncoming: number;
  readonly median: number;
  readonly medianKind: 'none' | 'paint' | 'grass' | 'rail' | 'tram';
  readonly shoulder: number;
  readonly left: SidePlan;
  readonly right: SidePlan;
  /** Stations [from, to] of crossing roads. */
  readonly junctions: readonly (readonly [number, number])[];
  readonly traffic: TrafficDensity;
  readonly pedestrians: number;
  /** Lane of the camera, 0 = nearest to the middle. */
  readonly egoLane: number;
}

/** Most people a metre of road. */
const PEDESTRIANS: Readonly<Record<LayoutName, number>> = {
  street: 0.9,
  suburb: 0.35,
  arterial: 0.4,
  highway: 0,
  country: 0.02,
};

const NONE = { row: 0, house: 0, garden: 0, wall: 0, hedge: 0, bushes: 0, wood: 0, open: 0, hall: 0, lot: 0 };

/** Draws the cross-section and the character of a road. */
export function drawStreetPlan(random: Random, domain: Domain, from: number, to: number): StreetPlan {
  const layout = random.weighted(domain.layouts);
  const same =
    layout === 'highway'
      ? random.integer(2, 4)
      : layout === 'arterial'
        ? random.integer(2, 3)
        : 1 + (random.chance(0.15) && layout === 'street' ? 1 : 0);
  const oneWay = (layout === 'street' || layout === 'suburb') && random.chance(0.25);
  const oncoming =
    layout === 'highway'
      ? random.integer(2, 4)
      : oneWay
        ? 0
        : layout === 'arterial'
          ? random.integer(1, 3)
          : 1;
  const medianKind =
    layout === 'highway'
      ? random.pick(['rail', 'rail', 'grass'] as const)
      : layout === 'arterial'
        ? random.pick(['paint', 'grass', 'grass', 'tram', 'none'] as const)
        : 'none';
  const median =
    medianKind === 'none'
      ? 0
      : medianKind === 'paint'
        ? random.uniform(0.3, 2)
        : medianKind === 'tram'
          ? random.uniform(6.2, 8)
          : random.uniform(1.5, layout === 'highway' ? 12 : 6);
  const traffic = domain.traffic
    ? random.weighted(domain.traffic)
    : layout === 'highway'
      ? random.weighted({ empty: 0.5, sparse: 2, flow: 4, queue: 1.2 })
      : layout === 'arterial'
        ? random.weighted({ empty: 0.3, sparse: 1.5, flow: 2.5, queue: 4.5 })
        : random.weighted({ empty: 1.5, sparse: 3, flow: 1.5, queue: 1.5 });
  const junctions: [number, number][] = [];
  if (layout === 'street' || layout === 'suburb' || layout === 'arterial') {
    let s = from + random.uniform(10, 90);
    while (s < to - 15) {
      const width = random.uniform(6, 14);
      junctions.push([s, s + width]);
      s += width + random.uniform(50, 160);
    }
  }
  return {
    layout,
    laneWidth:
      layout === 'highway'
        ? random.uniform(3.4, 3.8)
        : layout === 'arterial'
          ? random.uniform(3, 3.5)
          : random.uniform(2.6, 3.4),
    lanesSame: same,
    lanesOncoming: oncoming,
    median,
    medianKind,
    shoulder:
      layout === 'highway'
        ? random.uniform(1, 3.2)
        : layout === 'country'
          ? random.uniform(0.1, 0.8)
          : layout === 'arterial'
            ? random.uniform(0.2, 0.6)
            : 0.1,
    left: drawSide(random, layout),
    right: drawSide(random, layout),
    junctions,
    traffic,
    pedestrians: random.uniform(0, PEDESTRIANS[layout]),
    egoLane: random.integer(0, same - 1),
  };
}

function drawSide(random: Random, layout: LayoutName): SidePlan {
  const leafy = random.uniform();
  switch (layout) {
    case 'street':
      return {
        parking: random.weighted({ none: 2, parallel: 6, angled: 1.3 }),
        parkingWidth: random.uniform(1.9, 2.3),
        occupancy: random.uniform(0.3, 0.97),
        kerbHeight: random.uniform(0.05, 0.16),
        verge: random.chance(0.3) ? random.uniform(0.6, 2) : 0,
        pavement: random.uniform(1.5, 4.5),
        setback: random.chance(0.5) ? random.uniform(0, 0.5) : random.uniform(1.5, 7),
        bank: 0,
        frontage: {
          ...NONE,
          row: 8,
          house: 0.7,
          garden: 0.8 * leafy,
          wall: 0.5,
          hedge: 0.6 * leafy,
          wood: 0.5 * leafy,
          open: 0.3,
          hall: 0.6,
          lot: 0.4,
        },
        treeSpacing: random.chance(0.55) ? random.uniform(7, 22) : 0,
        lampSpacing: random.uniform(22, 45),
        rail: false,
      };
    case 'suburb':
      return {
        parking: random.weighted({ none: 3.5, parallel: 6, angled: 1.5 }),
        parkingWidth: random.uniform(1.8, 2.2),
        occupancy: random.uniform(0.15, 0.95),
        kerbHeight: random.uniform(0.03, 0.14),
        verge: random.chance(0.45) ? random.uniform(0.8, 3) : 0,
        pavement: random.chance(0.85) ? random.uniform(1.2, 2.6) : 0.4,
        setback: random.uniform(3, 9),
        bank: random.chance(0.3) ? random.uniform(-1.5, 3) : 0,
        frontage: {
          ...NONE,
          row: 0.8,
          house: 5,
          garden: 2,
          wall: 0.8,
          hedge: 1.6,
          bushes: 1.4 * leafy,
          wood: 2.4 * leafy,
          open: 0.5,
          hall: 0.3,
          lot: 0.5,
        },
        treeSpacing: random.chance(0.75) ? random.uniform(5, 15) : 0,
        lampSpacing: random.uniform(25, 45),
        rail: false,
      };
    case 'arterial':
      return {
        parking: random.weighted({ none: 6, parallel: 1.5, angled: 0 }),
        parkingWidth: 2.2,
        occupancy: random.uniform(0.3, 0.9),
        kerbHeight: random.uniform(0.08, 0.16),
        verge: random.chance(0.6) ? random.uniform(0.8, 5) : 0,
        pavement: random.uniform(1.5, 3.5),
        setback: random.uniform(2, 16),
        bank: random.chance(0.25) ? random.uniform(-2, 4) : 0,
        frontage: {
          ...NONE,
          row: 2.4,
          house: 0.8,
          garden: 0.6,
          wall: 0.8,
          hedge: 0.8,
          bushes: 1.3,
          wood: 2.6,
          open: 1.4,
          hall: 1.6,
          lot: 0.8,
        },
        treeSpacing: random.chance(0.5) ? random.uniform(8, 25) : 0,
        lampSpacing: random.uniform(25, 45),
        rail: random.chance(0.15),
      };
    case 'highway':
      return {
        parking: 'none',
        parkingWidth: 0,
        occupancy: 0,
        kerbHeight: 0,
        verge: random.uniform(1, 4),
        pavement: 0,
        setback: random.uniform(2, 12),
        bank: random.uniform(-4, 9),
        frontage: {
          ...NONE,
          wall: random.chance(0.25) ? 4 : 0,
          bushes: 2,
          wood: 3.5,
          open: 5,
          hall: 0.3,
          house: 0.15,
        },
        treeSpacing: 0,
        lampSpacing: random.chance(0.3) ? random.uniform(35, 60) : 0,
        rail: random.chance(0.65),
      };
    case 'country':
      return {
        parking: 'none',
        parkingWidth: 0,
        occupancy: 0,
        kerbHeight: 0,
        verge: random.uniform(0.8, 3),
        pavement: 0,
        setback: random.uniform(1, 8),
        bank: random.uniform(-2, 3),
        frontage: { ...NONE, house: 0.7, hedge: 0.7, bushes: 1.5, wood: 3, open: 4 },
        treeSpacing: random.chance(0.4) ? random.uniform(8, 30) : 0,
        lampSpacing: 0,
        rail: random.chance(0.15),
      };
  }
}
