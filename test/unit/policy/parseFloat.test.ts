import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseFloat64 } from '../../../src/policy/parseFloat';

const accepted: Readonly<Record<string, number>> = {
  '1': 1,
  '01': 1,
  '1.5': 1.5,
  '.5': 0.5,
  '5.': 5,
  '+5': 5,
  '-1': -1,
  '1e3': 1000,
  '1E+3': 1000,
  '0x1p4': 16,
  '0x_1p4': 16,
  '0X.8P1': 1,
  '-0x1p-1': -0.5,
  '1_000': 1000,
  '1e1_0': 1e10,
  inf: Infinity,
  '+Inf': Infinity,
  '-inf': -Infinity,
  INFINITY: Infinity,
  '1e-400': 0,
  '0e99999': 0,
  '0x0p99999': 0,
  '9007199254740993': 9007199254740992,
  '20240101120000123': 20240101120000124,
  '0x1p-1074': 5e-324,
  '0x1p-1075': 0,
  '0x1.8p-1075': 5e-324,
  '0x1fffffffffffff8p0': 0x20000000000000 * 16,
  '0x1.fffffffffffffp1023': Number.MAX_VALUE,
  '0x1.fffffffffffff7p1023': Number.MAX_VALUE,
  '0x1.00000000000001p-1075': 5e-324,
  '0x1.00000000000001p0': 1,
  '0x1.00000000000014p0': 1 + 2 ** -52,
  '0x1.00000000000018p0': 1 + 2 ** -51,
  '0x1.00000000000028p0': 1 + 2 ** -51,
  '0x1.7ffffffffffffffp-1074': 5e-324,
  '0x3p-1075': 1e-323,
  '0x1.0000000000001p-1023': 2 ** -1023,
  '0x1p1010': 2 ** 1010,
  '0x1p1023': 2 ** 1023,
  '0x1p-1050': 2 ** -1050,
  '0x8p-1077': 5e-324,
  '0x0.00000000001p1060': 2 ** 1016,
  [`0x1${'0'.repeat(300)}p-1200`]: 1,
  [`0x1${'0'.repeat(300)}p-2000`]: 2 ** -800,
  '0x1p-99999999999999999999999': 0,
  '0x0p99999999999999999999999': 0,
  '0e99999999999999999999999': 0,
  '1e-99999999999999999999999': 0,
  '-.5': -0.5,
  '+.5e1': 5,
  '5.e3': 5000,
  '-5.e-1_0': -5e-10,
  '0_1': 1,
  '1.5_0': 1.5,
  '1_0e1': 100,
  '0x1_f.f_fp1_0': 32764,
  '-0x_1p-1': -0.5,
  '0x1p-1_0': 2 ** -10,
  '+0X_aP+1': 20,
  '0xep1': 28,
  '00.5': 0.5,
  '1e+05': 100_000,
  '1e-05': 0.00001,
  '1000000000000000': 1e15,
  '123456789012345678': 123456789012345680,
};

const refused = (
  ' 1|1 |1.2.3|1,5|0x10|0x|0xp1|0x1p|1e400|-1e400|0x1p1024|0x1.ffffffffffffffp1023|e3|.|+|1e|1e+|1__0|_1|1_|1_.5|1._5' +
  '|1_e5|0x1_p4|0x1p_4|0b1|0o7|+nan|infi|infinit|latest|1a|²|' +
  '|xinf|+-inf|1inf|infx|nanx|xnan|-nan|0x1p1z|0x1p1 |x0x1p1|0_x1p1|0x_|0x_p1|0x1e5|1.e|0x.p1|0x1.8|abc|0.1e1_|١|٣p1' +
  '|1e99999999999999999999999|0x1p99999999999999999999999|0x1.fffffffffffff8p1023'
).split('|');

describe('parseFloat64', () => {
  for (const [text, value] of Object.entries(accepted)) {
    it(`reads ${text}`, () => assert.equal(parseFloat64(text), value));
  }
  for (const text of refused) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseFloat64(text), undefined));

  it('reads nan in any case', () => {
    for (const text of ['nan', 'NaN', 'NAN']) assert.ok(Number.isNaN(parseFloat64(text)));
  });

  it('reads what JavaScript writes, in decimal and in hexadecimal', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -1070, max: 900 }),
        (value, power) => {
          assert.equal(parseFloat64(String(value)), value + 0 === 0 ? Number(String(value)) : value);
          const digits = Math.abs(Math.trunc(value % 2 ** 40));
          assert.equal(parseFloat64(`0x${digits.toString(16)}p${power}`), digits * 2 ** power);
        },
      ),
    );
  });
});
