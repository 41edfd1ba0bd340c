import test from 'ava';
import { videoCodecOf } from '../../../msgs/video/video-codec.js';

test('the codec is told from its own name and from that of its encoders, whatever follows', (t) => {
  const names = {
    h264: [
      'h264',
      'H264',
      'H.264',
      'libx264',
      'libx264rgb',
      'libopenh264',
      'h264_nvenc',
      'h264_vaapi',
      'avc',
      'avc1',
    ],
    h265: ['h265', 'H.265', 'hevc', 'HEVC', 'libx265', 'hevc_nvenc', 'hevc_v4l2m2m', 'hev1', 'hvc1'],
  } as const;
  for (const [codec, texts] of Object.entries(names)) {
    for (const text of texts) t.is(videoCodecOf(text), codec as 'h264' | 'h265', text);
  }
  t.is(videoCodecOf('h264;yuv420p;bgr8;bgr8'), 'h264');
  t.is(videoCodecOf(' hevc/yuv420p'), 'h265');
});

test('other codecs are none of them', (t) => {
  for (const text of [
    '',
    'av1',
    'vp9',
    'libaom-av1',
    'mjpeg',
    'jpeg',
    'h263',
    'h2645',
    'mpeg4',
    'rawvideo',
    '264',
  ])
    t.is(videoCodecOf(text), undefined, text);
});
