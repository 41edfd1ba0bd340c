import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { shippedModel } from '../models/model-store.js';
import { killAtRandomMoments } from './kill-moments.js';

/** `npm run bench:kill -- [MOMENTS] [SEED]`: kill -9 in the midst of promotions, choices and rollbacks. */
const [moments = '50', seed = '1'] = process.argv.slice(2);
const home = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-kill-'));
try {
  const report = await killAtRandomMoments({
    moments: Number(moments),
    seed: Number(seed),
    home,
    candidate: shippedModel(),
    longestMs: 400,
  });
  for (const [doing, count] of Object.entries(report.during)) {
    process.stdout.write(`killed during ${doing}: ${count}\n`);
  }
  process.stdout.write(`versions that loaded afterwards: ${report.loaded}\n`);
  for (const failure of report.failures) process.stdout.write(`FAILURE ${failure}\n`);
  process.stdout.write(`${JSON.stringify({ moments: Number(moments), failures: report.failures.length })}\n`);
  process.exitCode = report.failures.length === 0 ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}
