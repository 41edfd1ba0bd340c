import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../models/package-root.js';
import { register } from '../../../nodes/cli/fleet.js';
import { parseShard } from '../../../nodes/fleet/shard.js';

const quantity = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti)?$/);
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const count = z.number().int().positive();
const mounts = z.array(z.strictObject({ name, mountPath: z.string().startsWith('/') }));

/**
 * The fields that the manifest uses, strict, by hand after the Kubernetes API: batch/v1 Job (JobSpec), core/v1 PodSpec and
 * Container. An unknown field would be dropped or refused by a cluster. `backoffLimitPerIndex` and `maxFailedIndexes` ask for
 * Indexed completion and `restartPolicy: Never`.
 */
const JOB = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name }),
  spec: z.strictObject({
    ...{ completionMode: z.literal('Indexed'), completions: count, parallelism: count },
    ...{ backoffLimitPerIndex: count, maxFailedIndexes: count },
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.literal('Never'),
        containers: z.tuple([
          z.strictObject({
            ...{
              name,
              image: z.string(),
              command: z.tuple([z.literal('rxdepth')]),
              args: z.array(z.string()),
            },
            resources: z.strictObject({
              requests: z.strictObject({ cpu: quantity, memory: quantity }),
              limits: z.strictObject({ memory: quantity }),
            }),
            volumeMounts: mounts,
          }),
        ]),
        volumes: z.array(
          z.strictObject({ name, persistentVolumeClaim: z.strictObject({ claimName: name }) }),
        ),
      }),
    }),
  }),
});

test('the Kubernetes manifest has the fields of an Indexed Job, and shards by as many pods as it asks for', (t) => {
  const file = path.join(packageRoot(), 'docs', 'examples', 'fleet-job.yaml');
  const { spec } = JOB.parse(parse(readFileSync(file, 'utf8')));
  const [{ args, volumeMounts }] = spec.template.spec.containers;
  t.is(spec.maxFailedIndexes, spec.completions);
  t.deepEqual(
    volumeMounts.map((mount) => mount.name),
    spec.template.spec.volumes.map((volume) => volume.name),
  );
  const shards = Array.from({ length: spec.completions }, (_, i) =>
    parseShard(args[args.indexOf('--shard') + 1] ?? '', { JOB_COMPLETION_INDEX: `${i}` }),
  );
  t.deepEqual(
    shards,
    shards.map((_, index) => ({ index, count: spec.completions })),
  );

  const program = new Command();
  register(program);
  const replay = program.commands[0]?.commands.find((command) => command.name() === args[1]);
  const known = replay?.options.map(({ long }) => long) ?? [];
  for (const flag of args.filter((arg) => arg.startsWith('--'))) t.true(known.includes(flag), flag);
});
