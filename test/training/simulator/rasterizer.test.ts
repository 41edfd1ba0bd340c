import test from 'ava';
import { baseFromCamera, cameraView, type MountedCamera } from '../../../training/simulator/camera.js';
import { Mesh } from '../../../training/simulator/mesh/mesh.js';
import { MATERIAL } from '../../../training/simulator/mesh/surface.js';
import { Random } from '../../../training/simulator/random.js';
import { rasterize } from '../../../training/simulator/rasterizer.js';
import { createVisibilityBuffer } from '../../../training/simulator/visibility.js';

const CAMERA: MountedCamera = {
  width: 160,
  height: 90,
  intrinsics: { fx: 100, fy: 101, cx: 78, cy: 40 },
  heightMeters: 1.6,
  pitch: 0.03,
  yaw: 0.1,
  roll: -0.02,
};

function meshOf(build: (mesh: Mesh, surface: number) => void): Mesh {
  const mesh = new Mesh();
  const surface = mesh.surface({
    material: MATERIAL.plain,
    label: 0,
    color: [0.5, 0.5, 0.5],
    twoSided: true,
  });
  mesh.beginGroup();
  build(mesh, surface);
  mesh.endGroup();
  return mesh;
}

/** A square of ground, all around and behind the camera. */
function plane(half: number): Mesh {
  return meshOf((mesh, surface) => {
    const v = [
      [-half, -half],
      [half, -half],
      [half, half],
      [-half, half],
    ].map(([x, y]) => mesh.vertex([x, y, 0], [0, 0, 1]));
    mesh.triangle(v[0], v[1], v[2], surface);
    mesh.triangle(v[0], v[2], v[3], surface);
  });
}

test('the depth of the ground plane is that of the ray that meets it, also where triangles pass the camera', (t) => {
  const { width, height, intrinsics } = CAMERA;
  const pose = baseFromCamera(CAMERA);
  const buffer = createVisibilityBuffer(width, height);
  rasterize(plane(2000), cameraView(CAMERA, pose, 1), buffer);
  let checked = 0;
  let worst = 0;
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const x = (u - intrinsics.cx) / intrinsics.fx;
      const y = (v - intrinsics.cy) / intrinsics.fy;
      const fall = pose[8] * x + pose[9] * y + pose[10];
      const depth = -CAMERA.heightMeters / fall;
      if (!(fall < 0) || depth > 500) continue;
      checked++;
      worst = Math.max(worst, Math.abs(1 / buffer.nearness[v * width + u] / depth - 1));
    }
  }
  t.true(checked > 5000);
  t.true(worst < 1e-4, `largest relative error ${worst}`);
});

test('twice the samples an axis show the same depth at pixel centres', (t) => {
  const pose = baseFromCamera(CAMERA);
  const { width, height } = CAMERA;
  const single = createVisibilityBuffer(width, height);
  const double = createVisibilityBuffer(width * 2, height * 2);
  const mesh = plane(200);
  rasterize(mesh, cameraView(CAMERA, pose, 1), single);
  rasterize(mesh, cameraView(CAMERA, pose, 2), double);
  for (let v = 0; v < height; v++)
    for (let u = 0; u < width; u++) {
      const a = single.nearness[v * width + u];
      const b = double.nearness[v * 2 * width * 2 + u * 2];
      if (Math.abs(a - b) > 1e-5 * a) t.fail(`pixel (${u}, ${v}): ${a} and ${b}`);
    }
  t.pass();
});

test('neighbouring triangles leave no cracks', (t) => {
  // A net of jittered triangles that fills the view.
  const random = new Random(4);
  const n = 30;
  const mesh = meshOf((m, surface) => {
    const id = (i: number, j: number): number => j * (n + 1) + i;
    for (let j = 0; j <= n; j++)
      for (let i = 0; i <= n; i++)
        m.vertex(
          [
            10 + random.uniform(-0.1, 0.1),
            (i - n / 2) * 0.8 + random.uniform(-0.3, 0.3),
            (j - n / 2) * 0.8 + random.uniform(-0.3, 0.3),
          ],
          [-1, 0, 0],
        );
    for (let j = 0; j < n; j++)
      for (let i = 0; i < n; i++) {
        m.triangle(id(i, j), id(i + 1, j), id(i + 1, j + 1), surface);
        m.triangle(id(i, j), id(i + 1, j + 1), id(i, j + 1), surface);
      }
  });
  const { width, height } = CAMERA;
  const buffer = createVisibilityBuffer(width, height);
  const camera = { ...CAMERA, pitch: 0, yaw: 0, roll: 0.3 };
  rasterize(mesh, cameraView(camera, baseFromCamera(camera), 1), buffer);
  t.is(buffer.triangles.filter((triangle) => triangle < 0).length, 0);
});

test('the nearer of two surfaces is seen, in whatever order they come', (t) => {
  const wall = (m: Mesh, x: number, surface: number): void => {
    const a = m.vertex([x, -50, -50], [-1, 0, 0]);
    const b = m.vertex([x, 50, -50], [-1, 0, 0]);
    const c = m.vertex([x, 0, 80], [-1, 0, 0]);
    m.triangle(a, b, c, surface);
  };
  const camera = { ...CAMERA, pitch: 0, yaw: 0, roll: 0 };
  const buffer = createVisibilityBuffer(CAMERA.width, CAMERA.height);
  for (const [first, second] of [
    [5, 9],
    [9, 5],
  ] as const) {
    const mesh = meshOf((m, surface) => {
      wall(m, first, surface);
      wall(m, second, surface);
    });
    rasterize(mesh, cameraView(camera, baseFromCamera(camera), 1), buffer);
    t.true(Math.abs(1 / buffer.nearness[40 * CAMERA.width + 78] - 5) < 1e-5);
  }
});
