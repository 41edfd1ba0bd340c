import { type Command, Option } from 'commander';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import { CROP_NAMES } from '../datasets/files/crop.js';
import type { ReportFlags } from '../evaluation/report/report-flags.js';
import { parseThreshold, type Threshold } from '../evaluation/report/threshold.js';

/** A threshold was missed: the report is written. */
const EXIT_MISSED = 3;

/** `rxdepth report`. */
export function register(program: Command): void {
  const thresholds =
    (kind: Threshold['kind']) =>
    (text: string, others: readonly Threshold[] = []) => [...others, parseThreshold(text, kind)];
  const command = program
    .command('report')
    .summary('write one page about what a replay made of a drive')
    .description(
      'One HTML file about an output: coverage, rates, faults, scale and flicker over time, what moved, the worst frames as ' +
        'pictures, errors where there is truth, and the same of another output beside it. The figures lie beside it as JSON. ' +
        `The exit code is ${EXIT_MISSED} when a threshold is missed.`,
    )
    .argument('<output>', 'the bag that `rxdepth replay` wrote: a folder, .mcap or .db3 file')
    .requiredOption('-o, --output <file>', 'the page, FILE.html; its figures go to FILE.json')
    .option('--against <output>', 'another output of the same drive, of another model for instance')
    .option('--truth <bag>', 'the bag with the truth, as a rule the one that was replayed')
    .option('--lidar <topic>', 'PointCloud2 topic with the truth (default: the only one)')
    .option(
      '--truth-depth <topic>',
      'image topic with the true depth (default: /camera/depth if there is one)',
    )
    .option('--truth-labels <topic>', 'image topic with the true labels, mono8 trainIds', '/camera/labels')
    .addOption(
      new Option('--crop <name>', 'part of the image that counts against truth')
        .choices([...CROP_NAMES])
        .default('garg'),
    )
    .option(
      '--at-least <figure=number>',
      'threshold, such as coverage=0.95; can be given more than once',
      thresholds('at least'),
    )
    .option(
      '--at-most <figure=number>',
      'threshold, such as flicker=0.05; can be given more than once',
      thresholds('at most'),
    )
    .option('--overwrite', 'replace an earlier report');
  addCameraFlags(command, ' in the truth bag').action(async (bag: string, flags: ReportFlags) => {
    const { writeOutputReport } = await import('../evaluation/report/write-output-report.js');
    const { text, missed } = await writeOutputReport(bag, flags);
    process.stdout.write(`${text}\n`);
    if (missed > 0) process.exitCode = EXIT_MISSED;
  });
}
