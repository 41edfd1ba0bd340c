import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseCameraHeight } from '../camera/camera-height.js';
import { MessageError } from '../errors.js';
import { ADAPTATION_METHOD_NAMES, parseMethodNames } from './adaptation-method-names.js';
import type { AdaptationRequest } from './adaptation-request.js';

/** Adds the flags of AdaptationRequest, which all commands that adapt have alike. */
export function addAdaptationFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--method <names>',
        'how it learns: `sgdepth` from drives in which the camera moves, `da-monodepth` from single pictures of any drive, ' +
          '`dada` labels from single pictures; ' +
          'several, with commas between, learn one after another, and those that a drive gives nothing are left out',
      )
        .default(ADAPTATION_METHOD_NAMES[0])
        .argParser((text) => read(text, () => parseMethodNames(text).join())),
    )
    .option(
      '--teacher <model...>',
      "models that label the drive's pictures, learned from where the drive confirms them: any model folder or version, imported " +
        'networks too; `self` is the model with mirror images, `self@2` at twice its size; the judge does not know them',
    )
    .addOption(
      new Option(
        '--camera-height <metres>',
        'of the camera over the road, to learn and judge metres by; `constant`: unknown, but the same all along',
      ).argParser((text) => read(text, parseCameraHeight)),
    )
    .option(
      '--guard <bag...>',
      'other recorded drives, of any camera, that the result must not get worse on: nobody learns from them (repeatable; ' +
        'past drives guard by themselves)',
    );
}

/**
 * What `--guard` and `--teacher` took of a command line in which something is missing; for its error.
 * @param missing what has to be put before them
 */
export function swallowed({ guard = [], teacher = [] }: AdaptationRequest, missing: string): string {
  const taken = [...guard, ...teacher];
  return taken.length === 0
    ? ''
    : `: \`${taken.join(' ')}\` counts as --guard or --teacher, which take every name behind them; put ${missing} before these options`;
}

/** As commander reports a wrong value. */
function read<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof MessageError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
