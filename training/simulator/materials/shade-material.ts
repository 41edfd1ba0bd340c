import { MATERIAL, type Material, type Surface } from '../mesh/surface.js';
import { shadeGrass, shadeHill, shadePaving, shadeRoad } from './ground.js';
import { shadeFoliage, shadeMetal } from './plants.js';
import { shadePoster } from './poster.js';
import type { ShadingSample } from './sample.js';
import { shadeCloth, shadeLamp, shadeSign } from './signs.js';
import { shadeBusSide, shadeGlass, shadePaint, shadePanel, shadeWheel } from './vehicles.js';
import { shadeFacade, shadeMasonry, shadePlain, shadePlanks, shadeRoof } from './walls.js';
import { shadeWornRoad } from './worn-road.js';

type Shader = (sample: ShadingSample, surface: Surface) => void;

/** One shader for each material, at the material's number. */
const SHADERS: Readonly<Record<Material, Shader>> = {
  [MATERIAL.plain]: shadePlain,
  [MATERIAL.road]: shadeRoad,
  [MATERIAL.paving]: shadePaving,
  [MATERIAL.grass]: shadeGrass,
  [MATERIAL.facade]: shadeFacade,
  [MATERIAL.roof]: shadeRoof,
  [MATERIAL.brick]: shadeMasonry,
  [MATERIAL.planks]: shadePlanks,
  [MATERIAL.foliage]: shadeFoliage,
  [MATERIAL.metal]: shadeMetal,
  [MATERIAL.paint]: shadePaint,
  [MATERIAL.glass]: shadeGlass,
  [MATERIAL.wheel]: shadeWheel,
  [MATERIAL.sign]: shadeSign,
  [MATERIAL.cloth]: shadeCloth,
  [MATERIAL.lamp]: shadeLamp,
  [MATERIAL.panel]: shadePanel,
  [MATERIAL.busSide]: shadeBusSide,
  [MATERIAL.hill]: shadeHill,
  [MATERIAL.wornRoad]: shadeWornRoad,
  [MATERIAL.poster]: shadePoster,
};

/** Sets reflectance, mirror share and emission of the sample by the material of its surface. */
export function shadeMaterial(sample: ShadingSample, surface: Surface): void {
  sample.reset(surface);
  SHADERS[surface.material](sample, surface);
}
