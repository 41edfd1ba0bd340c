import test from 'ava';
import { slowInt8 } from '../../models/slow-int8.js';

const QUANTIZED = {
  quantization: {
    format: 'int8' as const,
    ranges: 'mse',
    pictures: 1,
    calibration: 'drive',
    convolutions: 3,
    float: [],
    depthChange: 0.01,
  },
};
const cpuInfo = (flags: string) => `processor\t: 0\nmodel name\t: A\nflags\t\t: ${flags}\nbugs\t\t: none\n`;

test('a processor that cannot multiply bytes fast is told of', (t) => {
  t.regex(slowInt8(QUANTIZED, 'cpu', cpuInfo('fpu sse2 avx2 fma')) ?? '', /no VNNI.*float model/);
  t.is(slowInt8(QUANTIZED, 'cpu', cpuInfo('fpu avx2 avx_vnni')), undefined);
  t.is(slowInt8(QUANTIZED, 'cpu', cpuInfo('avx512f avx512_vnni')), undefined);
  t.is(slowInt8(QUANTIZED, 'cpu', 'processor : 0\nFeatures\t: fp asimd asimddp\n'), undefined);
  t.regex(slowInt8(QUANTIZED, 'cpu', 'processor : 0\nFeatures\t: fp asimd\n') ?? '', /dot-product/);
});

test('on a GPU the float model is advised; a float model, or a system that does not tell, needs no advice', (t) => {
  t.regex(slowInt8(QUANTIZED, 'cuda', '') ?? '', /`cuda`/);
  t.is(slowInt8({}, 'cpu', cpuInfo('fpu')), undefined);
  t.is(slowInt8(QUANTIZED, 'cpu', ''), undefined);
});
