import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../models/durable-files.js';
import { NodeError } from '../errors.js';
import { EVALUATION_FACTS, type EvaluationFacts, reduceEvaluation } from './evaluation-facts.js';
import { resultFile } from './job-result.js';
import { EVALUATE_TASK } from './tasks/evaluate-task.js';

const REPORT = z.looseObject({
  task: z.enum(['replay', 'evaluate']),
  model: z.string(),
  flags: z.array(z.string()),
  upload: z.string().optional(),
  seconds: z.number(),
  jobs: z.array(z.looseObject({ bag: z.string(), id: z.string(), output: z.string(), state: z.string() })),
});
type ShardReport = z.infer<typeof REPORT>;

const NAME = /^report-(\d+)-of-(\d+)\.json$/;

/**
 * Makes one `report.json` of the reports of all shards in a folder, and reduces their figures. A content that several shards
 * were given counts once.
 * @returns the report.
 * @throws NodeError naming shards whose report is missing or damaged, or that did something else than the others.
 */
export async function mergeShards(folder: string): Promise<ShardReport & { readonly shards: number }> {
  const reports = await reportsIn(folder);
  const [first] = reports;
  if (first === undefined) {
    throw new NodeError(`fleet merge: ${folder} holds no reports of shards, such as \`report-0-of-8.json\``, {
      file: folder,
    });
  }
  const { task, model, flags, upload } = first;
  const about = JSON.stringify([task, model, flags, upload]);
  for (const [i, report] of reports.entries()) {
    if (JSON.stringify([report.task, report.model, report.flags, report.upload]) === about) continue;
    throw new NodeError(
      `fleet merge: shard ${i} in ${folder} had another task, model or flags than shard 0: run both again, or use two folders`,
      { file: folder },
    );
  }
  const jobs = reports.flatMap((report) => report.jobs);
  const whole = {
    ...{ task, model, flags, ...(upload !== undefined && { upload }), shards: reports.length },
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    jobs,
    ...(task === 'evaluate' && {
      evaluation: reduceEvaluation(await factsOf(jobs, { folder, upload })),
    }),
  };
  await replaceFile(path.join(folder, 'report.json'), `${JSON.stringify(whole, undefined, 2)}\n`);
  return whole;
}

async function reportsIn(folder: string): Promise<ShardReport[]> {
  const names = (await listed(folder)).flatMap((name) => {
    const [, index = '', count = ''] = NAME.exec(name) ?? [];
    return count === '' ? [] : [{ name, index: Number(index), count: Number(count) }];
  });
  const count = names[0]?.count ?? 0;
  const other = names.find((each) => each.count !== count);
  if (other !== undefined) {
    throw new NodeError(
      `fleet merge: ${folder} holds reports of ${count} and of ${other.count} shards: remove those that do not count`,
      { file: folder },
    );
  }
  const reports: ShardReport[] = [];
  const missing: number[] = [];
  for (let index = 0; index < count; index++) {
    const found = names.find((each) => each.index === index);
    if (found === undefined) missing.push(index);
    else reports.push(await readReport(path.join(folder, found.name)));
  }
  if (missing.length === 0) return reports;
  throw new NodeError(
    `fleet merge: of ${count} shards in ${folder} there is no report of ${missing.slice(0, 20).join(', ')}: expected all of them`,
    { file: folder },
  );
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
    throw new NodeError(`fleet merge: there is no folder \`${folder}\``, { file: folder, cause });
  }
}

async function readReport(file: string): Promise<ShardReport> {
  try {
    return REPORT.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new NodeError(`${file} is no report of a shard: run the shard again`, { file, cause });
  }
}

async function factsOf(
  jobs: ShardReport['jobs'],
  place: { readonly folder: string; readonly upload: string | undefined },
): Promise<EvaluationFacts[]> {
  // Shards that were given one content under two names have two outputs of it.
  const outputs = new Map(
    jobs
      .filter(({ state }) => ['done', 'damaged', 'known'].includes(state))
      .map(({ id, output }) => [id, output]),
  );
  const all: EvaluationFacts[] = [];
  for (const output of outputs.values()) {
    const file = resultFile(place, { output });
    try {
      const { facts } = EVALUATE_TASK.read(JSON.parse(await readFile(file, 'utf8')));
      all.push(EVALUATION_FACTS.parse(facts));
    } catch (cause) {
      throw new NodeError(`${file} is no result of an evaluation: run its shard again`, { file, cause });
    }
  }
  return all;
}
