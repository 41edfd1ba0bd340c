import path from 'node:path';
import type { Command } from 'commander';
import { BagFolder } from '../../msgs/bag/files/bag-folder.js';
import { checkPictureFolder, makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { TrainingError } from '../errors.js';
import { DOMAINS, domainNamed } from '../simulator/domains.js';
import type { SimulatedFrame } from '../simulator/frame.js';
import type { DriveOptions } from '../simulator/options.js';

interface SimulateFlags {
  readonly output: string;
  readonly domain: string;
  readonly seed: number;
  readonly frames: number;
  readonly rate: number;
  readonly width: number;
  readonly height: number;
  readonly focal?: number;
  readonly pictures?: string;
  readonly panelEvery: number;
  readonly overwrite?: boolean;
}

/** Stamp of the first frame: 2020-01-01 00:00:00 UTC, so that a seed gives the same bag at any time of writing. */
const START_NS = 1_577_836_800_000_000_000n;

/** `rxdepth simulate`. */
export function register(program: Command): void {
  program
    .command('simulate')
    .summary('write a synthetic drive with exact truth as a bag')
    .description(
      'Writes a synthetic drive with exact truth as a bag: camera images, camera_info, depth, labels, instances, poses. A seed gives the same drive everywhere. Ctrl-C finishes the bag.',
    )
    .requiredOption('-o, --output <bag>', 'folder of the bag to write')
    .option('--domain <name>', `look of the world: ${Object.keys(DOMAINS).join(', ')}`, 'town-clean')
    .option('--seed <n>', 'which drive of the domain', number, 0)
    .option('--frames <n>', 'number of frames', number, 100)
    .option('--rate <hz>', 'frames a second', number, 10)
    .option('--width <pixels>', 'width of the pictures', number, 1242)
    .option('--height <pixels>', 'height of the pictures', number, 375)
    .option('--focal <pixels>', 'focal length (default: drawn from the domain)', number)
    .option('--pictures <folder>', 'also write PNG panels (camera, depth, labels)')
    .option('--panel-every <n>', 'a panel for every n-th frame', counted, 10)
    .option('--overwrite', 'replace the bag that is there')
    .action(runSimulate);
}

async function runSimulate(flags: SimulateFlags): Promise<void> {
  const options: DriveOptions = {
    domain: domainNamed(flags.domain),
    seed: flags.seed,
    frames: flags.frames,
    width: flags.width,
    height: flags.height,
    frameRate: flags.rate,
    ...(flags.focal !== undefined && { focalPixels: flags.focal }),
  };
  const { simulateDrive } = await import('../simulator/drive.js');
  const { DriveRecorder } = await import('../simulator/drive-recorder.js');
  const { pictures } = flags;
  if (pictures !== undefined) await checkPictureFolder(pictures, flags.overwrite ?? false);
  await BagFolder.check(flags.output, flags.overwrite ?? false);
  const drive = simulateDrive(options);
  // The first frame checks the options, before a bag is created or replaced.
  let next = drive.next();
  if (pictures !== undefined) await makePictureFolder(pictures, flags.overwrite ?? false);
  const recorder = await DriveRecorder.create(flags.output, {
    overwrite: flags.overwrite ?? false,
    startNs: START_NS,
  });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const report = progress(flags.frames);
  try {
    while (!next.done && !stop.signal.aborted) {
      const frame = next.value;
      if (pictures !== undefined && recorder.frames % flags.panelEvery === 0)
        await writePanel(path.join(pictures, `${String(recorder.frames).padStart(6, '0')}.png`), frame);
      await recorder.write(frame);
      report(recorder.frames);
      // Rendering never waits, so signals would not be heard without a turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      next = drive.next();
    }
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
    await recorder.close();
  }
  if (stop.signal.aborted) process.exitCode = 130;
  const note = stop.signal.aborted ? ' (stopped early; the bag is complete up to there)' : '';
  process.stderr.write(`${recorder.frames} frames${note}\n`);
  process.stdout.write(`${flags.output}\n`);
}

function counted(text: string): number {
  const value = number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new TrainingError(`simulate: expected a \`whole number of at least 1\`, got \`${text}\``);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new TrainingError(`simulate: expected a \`number\`, got \`${text}\``);
  return value;
}

async function writePanel(file: string, frame: SimulatedFrame): Promise<void> {
  const { writePng } = await import('../../msgs/picture/write-png.js');
  const { drivePanel } = await import('../simulator/drive-panel.js');
  await writePng(file, { width: frame.width, height: frame.height * 3, rgb: drivePanel(frame) });
}

/** Shows count, rate and remaining time on stderr: a live line on a terminal, else a line every five seconds. */
function progress(total: number): (done: number) => void {
  const start = performance.now();
  let shown = start;
  return (done) => {
    const now = performance.now();
    const live = process.stderr.isTTY;
    if (now - shown < (live ? 200 : 5000)) return;
    shown = now;
    const fps = (1000 * done) / (now - start);
    const text = `${done}/${total} frames  ${fps.toFixed(1)} fps  ${Math.ceil((total - done) / fps)} s left`;
    process.stderr.write(live ? `\r\x1b[2K${text}${done === total ? '\n' : ''}` : `${text}\n`);
  };
}
