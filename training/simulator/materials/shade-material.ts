import { MATERIAL, type Surface } from '../mesh/surface.js';
import { shadeGrass, shadeHill, shadePaving, shadeRoad } from './ground.js';
import { shadeFoliage, shadeMetal } from './plants.js';
import type { ShadingSample } from './sample.js';
import { shadeCloth, shadeLamp, shadeSign } from './signs.js';
import { shadeBusSide, shadeGlass, shadePaint, shadePanel, shadeWheel } from './vehicles.js';
import { shadeFacade, shadeMasonry, shadePlain, shadePlanks, shadeRoof } from './walls.js';

/** Sets reflectance, mirror share and emission of the sample by the material of its surface. */
export function shadeMaterial(sample: ShadingSample, surface: Surface): void {
  sample.reset(surface);
  switch (surface.material) {
    case MATERIAL.road:
      return shadeRoad(sample, surface);
    case MATERIAL.paving:
      return shadePaving(sample, surface);
    case MATERIAL.grass:
      return shadeGrass(sample, surface);
    case MATERIAL.hill:
      return shadeHill(sample, surface);
    case MATERIAL.facade:
      return shadeFacade(sample, surface);
    case MATERIAL.roof:
      return shadeRoof(sample, surface);
    case MATERIAL.brick:
      return shadeMasonry(sample, surface);
    case MATERIAL.planks:
      return shadePlanks(sample, surface);
    case MATERIAL.foliage:
      return shadeFoliage(sample, surface);
    case MATERIAL.metal:
      return shadeMetal(sample, surface);
    case MATERIAL.paint:
      return shadePaint(sample, surface);
    case MATERIAL.glass:
      return shadeGlass(sample, surface);
    case MATERIAL.wheel:
      return shadeWheel(sample, surface);
    case MATERIAL.sign:
      return shadeSign(sample, surface);
    case MATERIAL.cloth:
      return shadeCloth(sample, surface);
    case MATERIAL.lamp:
      return shadeLamp(sample, surface);
    case MATERIAL.panel:
      return shadePanel(sample, surface);
    case MATERIAL.busSide:
      return shadeBusSide(sample, surface);
    default:
      return shadePlain(sample, surface);
  }
}
