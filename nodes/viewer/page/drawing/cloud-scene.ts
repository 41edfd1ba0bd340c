import {
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  Color,
  ColorManagement,
  Group,
  LinearSRGBColorSpace,
  LineBasicMaterial,
  LineLoop,
  PerspectiveCamera,
  Points,
  PointsMaterial,
  Scene,
  Sprite,
  SpriteMaterial,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { CloudArrays } from './cloud-colors.js';

// Colours of pictures and classes are shown as they are: nothing here is lit.
ColorManagement.enabled = false;

const RING_METERS = [5, 10, 20, 40];
const RING_POINTS = 96;
/** Where on its ring a distance is written: beside the road ahead, radians to the right of the axis. */
const LABEL_ANGLE = 0.7;
const LABEL_PIXELS = { width: 128, height: 48 };
/** Size of a label: divided by the canvas's height, so that it is the same in small panels and large ones. */
const LABEL_SIZE = 50;
/** Pixels of a canvas's height for one of a point. */
const HEIGHT_OF_POINT = 260;
/** From behind and above the camera, looking along its axis. */
const VIEWPOINT = new Vector3(0, 4, 6);
const LOOK_AT = new Vector3(0, -0.5, -12);

/** A cloud that can be turned, with rings of distance around the camera; drawn only when something changed. */
export class CloudScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(55, 1, 0.1, 500);
  readonly #controls: OrbitControls;
  readonly #geometry = new BufferGeometry();
  readonly #material = new PointsMaterial({ size: 2, sizeAttenuation: false, vertexColors: true });
  readonly #ringMaterial = new LineBasicMaterial({ color: 0x8090a0, transparent: true, opacity: 0.45 });
  #positions: BufferAttribute | undefined;
  #colors: BufferAttribute | undefined;
  readonly #labels: Sprite[] = [];
  #asked = 0;

  /** @throws Error where the browser has no WebGL. */
  constructor(canvas: HTMLCanvasElement) {
    this.#renderer = new WebGLRenderer({ canvas, antialias: false, preserveDrawingBuffer: true });
    this.#renderer.outputColorSpace = LinearSRGBColorSpace;
    this.#renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.addEventListener('change', () => this.draw());
    this.#scene.add(new Points(this.#geometry, this.#material), this.#rings());
    this.reset();
  }

  /** Looks from where the camera is again. */
  reset(): void {
    this.#camera.position.copy(VIEWPOINT);
    this.#controls.target.copy(LOOK_AT);
    this.#controls.update();
    this.draw();
  }

  /** Turns by an angle around the vertical, and nearer or farther by a factor. */
  turn(radians: number, factor: number): void {
    const { position } = this.#camera;
    const { target } = this.#controls;
    position
      .sub(target)
      .applyAxisAngle(new Vector3(0, 1, 0), radians)
      .multiplyScalar(factor)
      .add(target);
    this.#controls.update();
    this.draw();
  }

  background(color: string): void {
    this.#scene.background = new Color(color);
    this.draw();
  }

  resize(width: number, height: number): void {
    if (width === 0 || height === 0) return;
    this.#renderer.setSize(width, height, false);
    // Large enough that surfaces close, small enough that they keep their shape.
    const pixels = height * this.#renderer.getPixelRatio();
    this.#material.size = Math.max(2, Math.min(6, Math.round(pixels / HEIGHT_OF_POINT)));
    for (const label of this.#labels) {
      const size = LABEL_SIZE / height;
      label.scale.set(size, (size * LABEL_PIXELS.height) / LABEL_PIXELS.width, 1);
    }
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    this.draw();
  }

  show({ positions, colors, count }: CloudArrays): void {
    if (this.#positions?.array.length === positions.length && this.#colors !== undefined) {
      this.#positions.copyArray(positions).needsUpdate = true;
      this.#colors.copyArray(colors).needsUpdate = true;
    } else {
      // Attributes cannot grow: the old ones are given back with their geometry.
      this.#geometry.dispose();
      this.#positions = new BufferAttribute(positions, 3);
      this.#colors = new BufferAttribute(colors, 3, true);
      this.#geometry.setAttribute('position', this.#positions);
      this.#geometry.setAttribute('color', this.#colors);
    }
    this.#geometry.setDrawRange(0, count);
    this.#geometry.boundingSphere = null;
    this.draw();
  }

  draw(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.#renderer.render(this.#scene, this.#camera);
    });
  }

  close(): void {
    cancelAnimationFrame(this.#asked);
    this.#controls.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
    this.#ringMaterial.dispose();
    this.#renderer.dispose();
  }

  #rings(): Group {
    const group = new Group();
    for (const meters of RING_METERS) {
      const points = Array.from({ length: RING_POINTS }, (_, i) => {
        const angle = (2 * Math.PI * i) / RING_POINTS;
        return new Vector3(meters * Math.sin(angle), -1.5, -meters * Math.cos(angle));
      });
      const label = distanceLabel(`${meters} m`);
      this.#labels.push(label);
      label.position.set(meters * Math.sin(LABEL_ANGLE), -1.5, -meters * Math.cos(LABEL_ANGLE));
      group.add(new LineLoop(new BufferGeometry().setFromPoints(points), this.#ringMaterial), label);
    }
    return group;
  }
}

/** A text of one size on the screen, however far it is. */
function distanceLabel(text: string): Sprite {
  const canvas = new OffscreenCanvas(LABEL_PIXELS.width, LABEL_PIXELS.height);
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.font = '600 30px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = '#8c9cac';
    context.fillText(text, LABEL_PIXELS.width / 2, LABEL_PIXELS.height / 2);
  }
  const material = new SpriteMaterial({
    map: new CanvasTexture(canvas),
    sizeAttenuation: false,
    depthTest: false,
  });
  return new Sprite(material);
}
