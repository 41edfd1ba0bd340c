import { type Command, InvalidArgumentError, Option } from 'commander';
import { MessageError } from '../errors.js';
import { CAMERA_KINDS } from './camera-kind.js';
import { CAMERA_NUMBERS } from './camera-settings.js';
import { parseCameraNumber, parseIntrinsics } from './parse-camera-option.js';

/**
 * Adds the flags of CameraSettings, which every command that reads the images of bags has alike.
 * @param of whose images they are: ` in the truth bag`; empty where there is one bag
 */
export function addCameraFlags(command: Command, of = ''): Command {
  return command
    .option(
      '--image <topic>',
      `camera image${of}, Image or CompressedImage (default: the one that must be meant)`,
    )
    .option('--camera-info <topic>', `its camera_info${of} (default: the one beside the image topic)`)
    .addOption(
      new Option(
        '--camera-kind <kind>',
        `whether K and D or P describes the images${of} (default: by the topic name, image_rect* is rectified)`,
      ).choices(CAMERA_KINDS),
    )
    .addOption(
      new Option(
        '--intrinsics <fx,fy,cx,cy>',
        'pixels; instead of camera_info, for images without distortion',
      ).argParser(reported(parseIntrinsics)),
    )
    .addOption(numberOption('--bit-depth <bits>', 'bitDepth'))
    .addOption(numberOption('--max-pixels <count>', 'maxPixels'));
}

function numberOption(flag: string, name: keyof typeof CAMERA_NUMBERS): Option {
  const { description, otherwise } = CAMERA_NUMBERS[name];
  const parse = (text: string) => parseCameraNumber(name, text);
  return new Option(flag, `${description} (default: ${otherwise})`).argParser(reported(parse));
}

/** As commander reports a wrong value. */
function reported<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof MessageError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}
