import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import type { LoadedModel } from '../../models/model-store.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { depthEvidence, type S2rDepthnetOptions, s2rParameters } from '../networks/s2r-depthnet.js';
import { Scope } from '../networks/scope.js';
import { type CompiledFunction, compile } from '../tracer/compile.js';
import { declaredParameters } from '../weights/network-parameters.js';
import { parameterInputs, parameterValues } from '../weights/parameter-inputs.js';
import { type Parameters, parametersFrom } from '../weights/parameters.js';
import { decodeSafetensors } from '../weights/safetensors.js';
import { WEIGHTS_FILE } from '../weights/weights-file.js';

/** Maps of one picture at the size at which the network sees it, row major, 0..1. */
export interface StructureMap {
  readonly width: number;
  readonly height: number;
  readonly structure: Float32Array;
  /** Left out by models without attention. */
  readonly attention?: Float32Array;
}

/** What a model of S2R-DepthNet makes of pictures before it predicts depth: for people to look at. */
export class StructureMaps {
  readonly #options: S2rDepthnetOptions & { readonly attends: boolean };
  readonly #input: LoadedModel['manifest']['input'];
  readonly #parameters: Parameters;
  /** Compiled networks by `WIDTHxHEIGHT`. */
  readonly #compiled = new Map<string, CompiledFunction>();

  private constructor(
    options: S2rDepthnetOptions & { readonly attends: boolean },
    input: LoadedModel['manifest']['input'],
    parameters: Parameters,
  ) {
    this.#options = options;
    this.#input = input;
    this.#parameters = parameters;
  }

  /** @returns undefined for models without a structure map. @throws TrainingError when the weights are of another network. */
  static async open({
    folder,
    manifest,
  }: Pick<LoadedModel, 'folder' | 'manifest'>): Promise<StructureMaps | undefined> {
    const { architecture, options: given } = manifest.network;
    const options = given as unknown as S2rDepthnetOptions & { readonly attends: boolean }; // what exportModel wrote
    if (architecture !== 's2r-depthnet' || options.input !== 'structure') return undefined;
    const file = decodeSafetensors(await readFile(path.join(folder, WEIGHTS_FILE)), folder);
    const specs = declaredParameters((scope, image) => s2rParameters(scope, image, options, options.attends));
    const used = specs.filter(({ name }) => !name.startsWith('depth.'));
    return new StructureMaps(options, manifest.input, parametersFrom(file, used, folder));
  }

  async of(picture: RgbPicture): Promise<StructureMap> {
    const { pixels = picture.width * picture.height, multiple = 32, mean, std } = this.#input;
    const side = (wanted: number) => Math.max(1, Math.round(wanted / multiple)) * multiple;
    const height = side(Math.sqrt((pixels * picture.height) / picture.width));
    const width = side(pixels / height);
    const key = `${width}x${height}`;
    const compiled = this.#compiled.get(key) ?? (await this.#compile(width, height));
    this.#compiled.set(key, compiled);
    const raw = { width: picture.width, height: picture.height, channels: 3 as const };
    const rgb = await sharp(picture.rgb, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer();
    const count = width * height;
    const image = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) {
        image[c * count + i] = ((rgb[3 * i + c] ?? 0) / 255 - (mean[c] ?? 0)) / (std[c] ?? 1);
      }
    }
    const { structure, attention } = await compiled.run({ ...parameterValues(this.#parameters), image });
    return {
      ...{ width, height, structure: structure?.data as Float32Array }, // the graph's types
      ...(attention && { attention: attention.data as Float32Array }), // the graph's types
    };
  }

  async close(): Promise<void> {
    for (const compiled of this.#compiled.values()) await compiled.close();
  }

  #compile(width: number, height: number): Promise<CompiledFunction> {
    return compile(
      ({ image, ...weights }) => {
        const scope = Scope.over(weights, false);
        const picture = image as tf.Tensor4D; // of the shape below
        const { attends } = this.#options;
        const { structure, attention } = depthEvidence(scope, picture, this.#options, { attends });
        if (structure === undefined) throw new RangeError('the model has a structure map');
        return { structure, ...(attention && { attention }) };
      },
      {
        ...parameterInputs(this.#parameters),
        image: { shape: [1, height, width, 3], dtype: 'float32', layout: 'NCHW' },
      },
    );
  }
}
