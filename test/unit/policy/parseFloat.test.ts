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
};

const refused = (
  ' 1|1 |1.2.3|1,5|0x10|0x|0xp1|0x1p|1e400|-1e400|0x1p1024|0x1.ffffffffffffffp1023|e3|.|+|1e|1e+|1__0|_1|1_|1_.5|1._5' +
  '|1_e5|0x1_p4|0x1p_4|0b1|0o7|+nan|infi|infinit|latest|1a|²|'
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
