import { composeTransforms } from '../../msgs/camera/rigid-transform.js';
import { baseFromCamera, type CarPose, cameraView, type MountedCamera, worldFromBase } from './camera.js';
import { type CameraLook, develop } from './camera-effects.js';
import type { SimulatedFrame } from './frame.js';
import { GroundOcclusion, type Shade } from './ground-occlusion.js';
import type { Lighting } from './lighting.js';
import type { Random } from './random.js';
import { rasterize } from './rasterizer.js';
import type { Site } from './scene/site.js';
import { shadePicture } from './shade-picture.js';
import { ShadowMap } from './shadow-map.js';
import { createVisibilityBuffer, type VisibilityBuffer } from './visibility.js';

const SKY_LABEL = 10;

/** Work space of a picture size, kept between frames. */
interface Workspace {
  readonly buffer: VisibilityBuffer;
  readonly light: Float32Array;
}

let workspace: Workspace | undefined;
let shadowMap: ShadowMap | undefined;
const occlusion = new GroundOcclusion();

export interface FrameRequest {
  readonly site: Site;
  readonly lighting: Lighting;
  readonly look: CameraLook;
  readonly camera: MountedCamera;
  readonly car: CarPose;
  /** Shades of what moves; those of the site are added. */
  readonly shades: readonly Shade[];
  readonly random: Random;
  readonly stampNs: bigint;
  readonly movingInstances: ReadonlySet<number>;
  /** Samples an axis and pixel for colour: 1 or 2. */
  readonly supersampling: 1 | 2;
}

/** Renders the site's mesh: colour with `supersampling`, truth at pixel centres. */
export function renderFrame(request: FrameRequest): SimulatedFrame {
  const { site, lighting, camera, supersampling } = request;
  const mount = baseFromCamera(camera);
  const worldFromCamera = composeTransforms(worldFromBase(request.car), mount);
  const { width, height } = camera;
  const scale = supersampling;
  if (workspace?.buffer.width !== width * scale || workspace.buffer.height !== height * scale) {
    workspace = {
      buffer: createVisibilityBuffer(width * scale, height * scale),
      light: new Float32Array(width * scale * height * scale * 3),
    };
  }
  const { buffer, light } = workspace;
  const view = cameraView(camera, worldFromCamera, scale);
  rasterize(site.mesh, view, buffer);
  const truth = readTruth(site, buffer, width, height, scale);
  const m = worldFromCamera;
  const l = Math.sqrt(m[2] * m[2] + m[6] * m[6]) || 1;
  const sunny = lighting.sun[0] > 0;
  if (sunny) {
    shadowMap ??= new ShadowMap();
    shadowMap.update(site.mesh, lighting.sunDirection, view.origin, m[2] / l, m[6] / l);
  }
  occlusion.reset(m[3] + (m[2] / l) * 45, m[7] + (m[6] / l) * 45);
  for (const shade of site.shades) occlusion.add(shade);
  for (const shade of request.shades) occlusion.add(shade);
  shadePicture(
    { mesh: site.mesh, lighting, shadows: sunny ? shadowMap : undefined, occlusion },
    view,
    buffer,
    light,
  );
  const linear = scale === 1 ? light : filterDown(light, width, height);
  const rgb = develop(linear, width, height, request.look, request.random);
  return {
    stampNs: request.stampNs,
    width,
    height,
    rgb,
    ...truth,
    movingInstances: request.movingInstances,
    intrinsics: camera.intrinsics,
    worldFromCamera,
    baseFromCamera: mount,
    cameraHeightMeters: camera.heightMeters,
  };
}

function readTruth(site: Site, buffer: VisibilityBuffer, width: number, height: number, scale: number) {
  const depthMeters = new Float32Array(width * height);
  const labels = new Uint8Array(width * height);
  const instances = new Uint16Array(width * height);
  const { surfaces, triangleSurfaces } = site.mesh;
  for (let row = 0, i = 0; row < height; row++) {
    let j = row * scale * buffer.width;
    for (let column = 0; column < width; column++, i++, j += scale) {
      const t = buffer.triangles[j];
      if (t < 0) {
        depthMeters[i] = Infinity;
        labels[i] = SKY_LABEL;
        continue;
      }
      const surface = surfaces[triangleSurfaces[t]];
      depthMeters[i] = 1 / buffer.nearness[j];
      labels[i] = surface.label;
      instances[i] = surface.instance;
    }
  }
  return { depthMeters, labels, instances };
}

let filtered = new Float32Array(0);

/** Tent filter [1 2 1] x [1 2 1] / 16 on the doubled grid, centred on the pixel. Very bright light is held back at edges. */
function filterDown(light: Float32Array, width: number, height: number): Float32Array {
  if (filtered.length !== width * height * 3) filtered = new Float32Array(width * height * 3);
  const stride = width * 2 * 3;
  for (let row = 0; row < height; row++) {
    const y = row * 2;
    const up = (y === 0 ? 0 : y - 1) * stride;
    const here = y * stride;
    const down = (y + 1) * stride;
    for (let column = 0; column < width; column++) {
      const x = column * 6;
      const left = column === 0 ? 0 : x - 3;
      const right = x + 3;
      const o = (row * width + column) * 3;
      for (let c = 0; c < 3; c++) {
        filtered[o + c] =
          (light[up + left + c] +
            light[up + right + c] +
            light[down + left + c] +
            light[down + right + c] +
            2 * (light[up + x + c] + light[down + x + c] + light[here + left + c] + light[here + right + c]) +
            4 * light[here + x + c]) *
          0.0625;
      }
    }
  }
  return filtered;
}
