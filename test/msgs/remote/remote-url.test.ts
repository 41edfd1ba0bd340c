import test from 'ava';
import { parseS3 } from '../../../msgs/remote/remote-url.js';

test('bucket and key of an S3 URL are told apart, whatever the key holds', (t) => {
  t.deepEqual(parseS3('s3://drives/red car/a b.mcap'), { bucket: 'drives', key: 'red car/a b.mcap' });
});

test('an S3 URL without a key says what was expected, one whose bucket cannot be says what a bucket is called', (t) => {
  for (const url of ['s3://drives', 's3://drives/', 's3:///key'])
    t.throws(() => parseS3(url), { name: 'MessageError', message: /expected `s3:\/\/BUCKET\/KEY`, got `/ });
  for (const [url, named] of [
    ['s3://b/key', /`b` is no name of a bucket: expected 3 to 63 /],
    ['s3://my_drives/key', /`my_drives` is no name/],
  ] as const)
    t.throws(() => parseS3(url), { name: 'MessageError', message: named });
});
