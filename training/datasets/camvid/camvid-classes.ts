import { UNLABELLED } from '../../../models/class-table.js';

const [ROAD, SIDEWALK, BUILDING, WALL, FENCE, POLE, LIGHT, SIGN, VEGETATION] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const [SKY, PERSON, RIDER, CAR, TRUCK, TRAIN, MOTORCYCLE] = [10, 11, 12, 13, 14, 16, 17] as const;

/**
 * trainIds of CamVid's colours, 0xRRGGBB. A bicyclist is there with his bicycle, a bus with trucks, a kerb with parking: the
 * categories of Cityscapes can be compared, its classes cannot. Source: CamVid's `label_colors.txt`.
 */
export const CAMVID_TRAIN_IDS: Readonly<Record<number, number>> = {
  4227136: UNLABELLED, // Animal
  12583040: BUILDING, // Archway
  32960: RIDER, // Bicyclist
  32832: BUILDING, // Bridge
  8388608: BUILDING, // Building
  4194432: CAR, // Car
  4194496: UNLABELLED, // CartLuggagePram
  12615744: PERSON, // Child
  12632192: POLE, // Column_Pole
  4210816: FENCE, // Fence
  8388800: ROAD, // LaneMkgsDriv
  12582976: ROAD, // LaneMkgsNonDriv
  8421440: SIGN, // Misc_Text
  12583104: MOTORCYCLE, // MotorcycleScooter
  8405056: CAR, // OtherMoving
  4243584: UNLABELLED, // ParkingBlock
  4210688: PERSON, // Pedestrian
  8405120: ROAD, // Road
  8421568: ROAD, // RoadShoulder
  192: SIDEWALK, // Sidewalk
  12615808: SIGN, // SignSymbol
  8421504: SKY, // Sky
  4227264: CAR, // SUVPickupTruck
  64: UNLABELLED, // TrafficCone
  16448: LIGHT, // TrafficLight
  12599424: TRAIN, // Train
  8421376: VEGETATION, // Tree
  12615872: TRUCK, // Truck_Bus
  4194368: BUILDING, // Tunnel
  12632064: VEGETATION, // VegetationMisc
  0: UNLABELLED, // Void
  4243456: WALL, // Wall
};
