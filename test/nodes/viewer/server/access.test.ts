import { hostname } from 'node:os';
import test from 'ava';
import { Access } from '../../../../nodes/viewer/server/access.js';

const TOKEN = 'a-secret-of-this-run';
const local = new Access({ host: '127.0.0.1', token: TOKEN });
const open = new Access({ host: '0.0.0.0', token: TOKEN });
const request = (host: string | undefined, origin?: string, url = '/') => ({ host, origin, url });

test('on the loopback, programs of this machine get in by its own names only', (t) => {
  for (const host of ['127.0.0.1:8765', 'localhost:8765', 'localhost', '[::1]:8765', '127.9.9.9:1'])
    t.is(local.refusal(request(host), true), undefined, host);
  // Names that an attacker's name server may bind to 127.0.0.1.
  for (const host of [
    undefined,
    '',
    'evil.example:8765',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.168.0.7:8765',
  ])
    t.regex(local.refusal(request(host), true) ?? '', /host name/, String(host));
});

test('pages of other origins may not connect, known viewers may', (t) => {
  const from = (origin: string) => local.refusal(request('localhost:8765', origin), true);
  t.is(from('http://localhost:8765'), undefined);
  t.is(from('https://app.foxglove.dev'), undefined);
  for (const origin of [
    ...[
      'http://evil.example',
      'null',
      'http://localhost:9999',
      'http://127.0.0.1:8765',
      'https://localhost:8765',
    ],
    ...['https://app.foxglove.dev.evil.example', 'http://localhost:8765.evil.example'],
  ])
    t.regex(from(origin) ?? '', /origin/, origin);
  const lenient = new Access({ host: '127.0.0.1', token: TOKEN, origins: ['http://viewer.local'] });
  t.is(lenient.refusal(request('localhost', 'http://viewer.local'), true), undefined);
});

test('where other machines are served, everything needs the token, and host names are still checked', (t) => {
  t.regex(open.refusal(request('10.0.0.5:8765'), true) ?? '', /token/);
  t.regex(open.refusal(request('10.0.0.5:8765', undefined, '/?token=wrong'), true) ?? '', /token/);
  const withToken = `/?token=${TOKEN}`;
  t.is(open.refusal(request('10.0.0.5:8765', undefined, withToken), true), undefined);
  t.is(open.refusal(request(`${hostname()}:8765`, undefined, withToken), true), undefined);
  t.regex(open.refusal(request('evil.example', undefined, withToken), true) ?? '', /host name/);
});

test('a name of this machine that `--allow-origin` gives is one of its hosts, where others are served', (t) => {
  const origins = ['http://robot.lan:8765', 'file://'];
  const named = new Access({ host: '0.0.0.0', token: TOKEN, origins });
  const from = (host: string, origin?: string) =>
    named.refusal(request(host, origin, `/?token=${TOKEN}`), true);
  t.is(from('robot.lan:8765', 'http://robot.lan:8765'), undefined);
  t.is(from('robot.lan:8765'), undefined);
  t.regex(from('') ?? '', /host name/);
  t.regex(from('evil.lan:8765') ?? '', /--allow-origin/);
  t.regex(from('10.0.0.5:8765', 'http://10.0.0.5:9999') ?? '', /origin/, 'another port is another page');
  const alone = new Access({ host: '127.0.0.1', token: TOKEN, origins });
  t.regex(alone.refusal(request('robot.lan:8765'), true) ?? '', /host name/);
});

test('changes need the token, on the loopback too', (t) => {
  t.false(local.mayChange(request('localhost')));
  t.false(local.mayChange(request('localhost', undefined, '/?token=')));
  t.false(local.mayChange(request('localhost', undefined, `/?token=${TOKEN}x`)));
  t.true(local.mayChange(request('localhost', undefined, `/?a=1&token=${TOKEN}`)));
});
