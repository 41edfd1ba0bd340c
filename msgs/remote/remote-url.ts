import { MessageError } from '../errors.js';

/** Whether a place is a URL that is read over the network: `s3://bucket/key`, `https://...`, `http://...`. */
export function isRemote(place: string): boolean {
  return /^(s3|https?):\/\//i.test(place);
}

/** A URL as messages show it, without what may be a secret in it: user, password, query. */
export function shownUrl(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '');
}

/** A path as it is, a URL without what may be a secret in it. */
export function shownPlace(place: string): string {
  return isRemote(place) ? shownUrl(place) : place;
}

/** The last part of a URL's path: `monday.mcap`. */
export function remoteName(url: string): string {
  const name = shownUrl(url).replace(/\/+$/, '').split('/').at(-1) ?? '';
  try {
    return url.startsWith('s3:') ? name : decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The URL of something in a folder; the folder's query, such as a token, goes along. */
export function remoteChild(folder: string, name: string): string {
  const [, place = '', query = ''] = /^([^?#]*)(\?[^#]*)?/s.exec(folder) ?? [];
  const child = /^s3:/i.test(folder) ? name : name.split('/').map(encodeURIComponent).join('/');
  return `${place.replace(/\/+$/, '')}/${child}${query}`;
}

/** Bucket and key of `s3://bucket/key`. @throws MessageError when it reads otherwise. */
export function parseS3(url: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/is.exec(url) ?? [];
  const isBucket = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/i.test(bucket);
  if (isBucket && key !== '') return { bucket, key };
  const file = shownUrl(url);
  if (bucket === '' || isBucket)
    throw new MessageError(`expected \`s3://BUCKET/KEY\`, got \`${file}\``, { file });
  throw new MessageError(
    `\`${shownUrl(bucket)}\` is no name of a bucket: expected 3 to 63 letters, digits, points and hyphens`,
    { file },
  );
}
