import test from 'ava';
import {
  messageDataHead,
  playbackStateMessage,
  serverInfoMessage,
  timeMessage,
} from '../../../../nodes/transport/foxglove/foxglove-messages.js';
import {
  parseFoxgloveBytes,
  parseFoxgloveText,
} from '../../../../nodes/transport/foxglove/foxglove-requests.js';

/** Bytes that the protocol's own implementation writes, from the snapshots of foxglove-sdk's tests. */
const SDK = {
  playWithSeek: '03000000803f0115cd5b070000000007000000736f6d652d6964',
  playingForRequest: '050039300000000000000000803f000e000000692d616d2d612d72657175657374',
  messageData: '011e000000d2040000000000007b226b6579223a202276616c7565227d',
  time: '02d202964900000000',
};

test('messages are byte for byte those of the protocol itself', (t) => {
  const data = Buffer.concat([messageDataHead(30, 1234n), Buffer.from('{"key": "value"}')]);
  t.is(data.toString('hex'), SDK.messageData);
  t.is(timeMessage(1234567890n).toString('hex'), SDK.time);
  const state = playbackStateMessage({
    ...{ status: 'playing', timeNs: 12345n, speed: 1, didSeek: false, requestId: 'i-am-a-request' },
  });
  t.is(state.toString('hex'), SDK.playingForRequest);
});

test('the range of a recording is told as the protocol has it', (t) => {
  const range = { startNs: 1_000_000n, endNs: 7_000_000_005n };
  const info = JSON.parse(serverInfoMessage({ name: 'x', capabilities: ['time'], sessionId: 's', range }));
  t.deepEqual(info, {
    ...{ op: 'serverInfo', name: 'x', capabilities: ['time'], sessionId: 's' },
    dataStartTime: { sec: 0, nsec: 1_000_000 },
    dataEndTime: { sec: 7, nsec: 5 },
  });
});

test('a request for playback is read as the protocol writes it', (t) => {
  t.deepEqual(parseFoxgloveBytes(Buffer.from(SDK.playWithSeek, 'hex')), {
    ...{ op: 'playback', play: true, speed: 1, seekNs: 123456789n, requestId: 'some-id' },
  });
});

test('requests that are none are refused with what is wrong, whatever the bytes are', (t) => {
  const whole = Buffer.from(SDK.playWithSeek, 'hex');
  for (let length = 1; length < whole.length; length++)
    t.throws(() => parseFoxgloveBytes(whole.subarray(0, length)), { name: 'NodeError' });
  t.throws(() => parseFoxgloveText('{'), { message: /JSON/ });
  t.throws(() => parseFoxgloveText('[]'), { message: /`op`/ });
  t.throws(() => parseFoxgloveText('{"op":"subscribe","subscriptions":[{"id":-1,"channelId":1}]}'), {
    message: /subscribe/,
  });
  t.deepEqual(parseFoxgloveText('{"op":"getParameters","parameterNames":[]}'), {
    op: 'other',
    name: 'getParameters',
  });
});
