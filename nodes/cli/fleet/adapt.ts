import path from 'node:path';
import type { Command } from 'commander';
import { stopOnSignals } from '../../../models/stop-on-signals.js';
import type { AdaptFleetReport } from '../../fleet/adapt-fleet.js';
import { parseCount } from '../replay-options.js';
import { checkKnown } from './check-known.js';
import { addFleetFlags, type FleetFlags, fleetOptions, words } from './fleet-flags.js';
import { addQueueFlags, executorOf, type QueueFlags } from './queue-flags.js';

interface AdaptFlags extends FleetFlags, QueueFlags {
  readonly heldOut: number;
  readonly adaptFlags?: string;
}

/** As of `adapt`: nothing better was found. */
const EXIT_NOT_PROMOTED = 3;

/** `fleet adapt`. */
export function registerAdapt(fleet: Command): void {
  const adapt = fleet
    .command('adapt')
    .summary('learn one model from the drives of several vehicles')
    .description(
      'Learns one candidate from the drives of several vehicles and has it judged on drives of every one of them that were ' +
        "kept aside: it must be better on one at least, and worse on none. Nobody's current version changes; `rxdepth model " +
        'sign` makes a release of the candidate. Exit code 0: found better; 3: not; 1: error. The same command goes on after a kill.',
    )
    .argument(
      '<vehicles...>',
      'one a vehicle: a folder with its recorded drives in it, or a .txt file that lists their paths or URLs',
    )
    .requiredOption('-o, --output <folder>', 'folder of candidate, verdicts, ledger and report')
    .option(
      '--held-out <count>',
      'drives of each vehicle that are kept for judging: its last ones by name, or in its list',
      parseCount,
      1,
    );
  addQueueFlags(addFleetFlags(adapt))
    .option('--adapt-flags <flags>', "flags of `rxdepth adapt`, in quotes: '--minutes 60 --method sgdepth'")
    .action(async (folders: string[], flags: AdaptFlags) => {
      checkKnown(fleet, 'adapt', words(flags.adaptFlags), '--adapt-flags');
      await work(folders, flags);
    });
}

async function work(folders: string[], flags: AdaptFlags): Promise<void> {
  const options = fleetOptions(flags, 'fleet adapt');
  const { adaptFleet } = await import('../../fleet/adapt-fleet.js');
  const { findVehicles } = await import('../../fleet/vehicles.js');
  const vehicles = await findVehicles(folders, flags.heldOut);
  const stop = stopOnSignals('rxdepth: ending the processes that run; the same command goes on later');
  let report: AdaptFleetReport;
  try {
    report = await adaptFleet({
      executor: await executorOf(flags),
      ...{ ...options, vehicles, flags: words(flags.adaptFlags), signal: stop.signal },
    });
  } finally {
    stop.release();
  }
  process.stdout.write(reportText(report, flags.output));
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
  else if (report.outcome === 'failed') process.exitCode = 1;
  else if (report.outcome !== 'promoted') process.exitCode = EXIT_NOT_PROMOTED;
}

function reportText(report: AdaptFleetReport, output: string): string {
  const { outcome, reasons, candidate, vehicles, missing, seconds } = report;
  const found = outcome === 'promoted' ? `found better (${candidate})` : outcome;
  const lines = [
    `${vehicles.length} vehicles in ${seconds} s: ${found}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...vehicles.flatMap(({ name, finding }) => (finding === undefined ? [] : [`  ${name}: ${finding}`])),
    ...missing.map((sentence) => `  damaged: ${sentence}`),
    ...(outcome === 'promoted' && candidate !== undefined
      ? [`\`rxdepth model sign ${path.relative('', candidate)} --key KEY -o RELEASES\` makes a release of it`]
      : []),
    path.join(output, 'report.json'),
  ];
  return `${lines.join('\n')}\n`;
}
