import path from 'node:path';
import { greyPicture } from '../../../msgs/picture/grey-picture.js';
import { panel } from '../../../msgs/picture/panel.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { writePng } from '../../../msgs/picture/write-png.js';
import type { StructureMaps } from '../structure-maps.js';
import { pictureName } from './picture-name.js';

/** Writes panels camera | structure | attention | depth-specific structure for every n-th image, to `maps_NAME.png`. */
export class MapPanels {
  readonly #folder: string;
  readonly #every: number;
  readonly #maps: StructureMaps;
  #count = 0;

  constructor(folder: string, every: number, maps: StructureMaps) {
    this.#folder = folder;
    this.#every = every;
    this.#maps = maps;
  }

  async add(name: string, picture: RgbPicture): Promise<void> {
    if (this.#count++ % this.#every !== 0) return;
    const { structure, attention, ...size } = await this.#maps.of(picture);
    const specific = attention && structure.map((value, i) => value * (attention[i] ?? 0));
    const map = (caption: string, values: Float32Array) => ({ caption, picture: greyPicture(values, size) });
    const tiles = [
      { caption: name, picture },
      map('structure', structure),
      ...(attention ? [map('attention', attention)] : []),
      ...(specific ? [map('depth-specific structure', specific)] : []),
    ];
    const tileWidth = Math.min(picture.width, 640);
    await writePng(path.join(this.#folder, `maps_${pictureName(name)}`), panel(tiles, { tileWidth }));
  }
}
