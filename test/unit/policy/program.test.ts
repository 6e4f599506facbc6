import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { assertion, op } from '../../../src/policy/program';
import { fixedPrefix } from '../../../src/policy/prove';
import { compiled } from './arbitraryPatterns';

describe('the program of re2js', () => {
  it('has the instructions that the proofs rely on', () => {
    const { program } = compiled('^a(b|.)(?s:.)[x-z]?\\b$');
    const codes = new Set(program.inst.map((instruction) => instruction.op));
    for (const code of [op.fail, op.emptyWidth, op.rune1, op.capture, op.alt, op.runeAny, op.rune, op.match]) {
      assert.ok(codes.has(code), String(code));
    }
    const first = program.inst[program.start];
    assert.deepEqual([first?.op, first?.arg], [op.emptyWidth, assertion.beginText]);
    const widths = program.inst.filter((instruction) => instruction.op === op.emptyWidth).map(({ arg }) => arg);
    assert.deepEqual(widths, [assertion.beginText, assertion.wordBoundary, assertion.endText]);
    assert.ok(compiled('a.').program.inst.some((instruction) => instruction.op === op.runeAnyNotNl));
  });

  it('folds case in matchRune', () => {
    const [rune] = compiled('(?i)k').program.inst.filter((instruction) => instruction.op >= op.rune);
    assert.ok(rune?.matchRune('K'.charCodeAt(0)) && rune.matchRune('k'.charCodeAt(0)) && !rune.matchRune(0x6a));
  });
});

describe('fixedPrefix', () => {
  const prefixes: readonly (readonly [pattern: string, prefix: string])[] = [
    ['^production-v[0-9]+', 'production-v'],
    ['^(?P<env>production)-(?:v|w)', 'production-'],
    ['\\Aa.b', 'a'],
    ['production-v', ''],
    ['(?i)^production', ''],
    ['^(?:main|master)-', 'ma'],
    ['^a|^b', ''],
    ['^a|b', ''],
    ['(?m)^a', ''],
    ['^a+b', 'a'],
    ['^v1$', 'v1'],
    ['x^a', ''],
    ['', ''],
    ['^()a(|b)', 'a'],
    ['^[a]b[c-c]d', 'abcd'],
    ['^a(?i)b', 'a'],
    ['^a[bc]', 'a'],
    ['^a\\bb', 'ab'],
  ];
  for (const [pattern, prefix] of prefixes) {
    it(`reads ${pattern}`, () => assert.equal(fixedPrefix(compiled(pattern)), prefix));
  }
});
