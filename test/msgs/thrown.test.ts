import { readFileSync } from 'node:fs';
import test from 'ava';
import { codeOf } from '../../msgs/code-of.js';
import { messageOf } from '../../msgs/message-of.js';

test('what was thrown has a message, and a code where the system gave one', (t) => {
  const missing = t.throws(() => readFileSync('/nothing/is/here'));
  t.is(codeOf(missing), 'ENOENT');
  t.regex(messageOf(missing), /no such file/);
  t.is(messageOf(new RangeError('too far')), 'too far');
  t.is(codeOf(new RangeError('too far')), undefined);
});

test('what is no error has a message too, and no code', (t) => {
  t.is(messageOf('thrown as text'), 'thrown as text');
  t.is(messageOf(undefined), 'undefined');
  t.is(codeOf({ code: 'ENOENT' }), undefined);
  t.is(codeOf(Object.assign(new Error('of a library'), { code: 7 })), undefined);
});
