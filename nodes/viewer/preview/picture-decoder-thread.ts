import { parentPort, workerData } from 'node:worker_threads';
import { type DecodeOptions, decodeImage, type EncodedImage } from '../../../models/decode-image.js';
import { ImageConverter } from '../../../models/image-converter.js';
import { yieldProcessor } from '../../perception/engine/yield-processor.js';
import type { DecodedPreview } from './picture-decoder-worker.js';
import { sampledSize } from './sampled-size.js';

/** Nice value beyond the node's. */
const NICE = 10;

yieldProcessor(NICE);
const converter = new ImageConverter(1);
const options = workerData as DecodeOptions; // what the thread was started with

/** Decodes pictures for the page, beside the node. */
parentPort?.on('message', async (image: EncodedImage) => {
  let answer: DecodedPreview;
  try {
    const { pixels } = await decodeImage(image, converter, options);
    const { every, width, height } = sampledSize(pixels);
    const { data, step, bytesPerPixel, channelOrder } = pixels;
    const [red, green, blue] = channelOrder;
    const payload = new Uint8Array(width * height * 3);
    let to = 0;
    for (let row = 0; row < pixels.height; row += every) {
      let at = row * step;
      for (let column = 0; column < width; column++, at += every * bytesPerPixel) {
        payload[to++] = data[at + red] ?? 0;
        payload[to++] = data[at + green] ?? 0;
        payload[to++] = data[at + blue] ?? 0;
      }
    }
    converter.reuse(pixels);
    answer = { preview: { head: { format: 'rgb', width, height }, payload } };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
