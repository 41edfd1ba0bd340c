import { createRequire } from 'node:module';

/** What is used of @20minutes/s3rver, which has no types. */
interface S3rver {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

const Server = createRequire(import.meta.url)('@20minutes/s3rver') as new (
  options: Readonly<Record<string, unknown>>,
) => S3rver;

export const BUCKET = 'drives';

/** The environment of clients of a store: the names that AWS's own tools read. */
export interface S3Store {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A store with one bucket, which checks signatures and clocks as S3 does. Its objects are files in `folder`. */
export async function startS3Store(folder: string): Promise<S3Store> {
  const server = new Server({
    ...{ directory: folder, address: '127.0.0.1', port: 0, silent: true, vhostBuckets: false },
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = await server.run();
  return {
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      ...{ AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' },
    },
    close: () => server.close(),
  };
}
