import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { call } from './paper';

const tags = ['develop-v1-100', 'develop-v1-99', 'staging-v1-101', ''];
const policy = ['--pattern', '^develop-v1-(?P<ts>[0-9]+)$', '--extract', '$ts'];

describe('the command line', () => {
  it('says how it is called', async () => {
    for (const given of [['help'], ['--help'], ['select', '--help']]) {
      const { exitCode, output, errors } = await call(given);
      assert.deepEqual([exitCode, errors], [0, '']);
      assert.match(output, /flux-promote select/);
    }
    const nothing = await call([]);
    assert.deepEqual([nothing.exitCode, nothing.output], [2, '']);
    assert.match(nothing.errors, /^Usage:\n/);
    const unknown = await call(['promote']);
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.errors, /^flux-promote: there is no command "promote"\.\nUsage:/);
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['status', 'here'], /status takes no argument "here"/],
    [['status', '--yaml'], /Unknown option '--yaml'/],
    [['select', '--tags', '-'], /one of --semver, --alphabetical and --numerical/],
    [['select', '--semver', '1.x', '--numerical', '--tags', '-'], /one of --semver/],
    [['select', '--semver', '1.x'], /--tags is missing/],
    [['select', '--semver', '1.x', '--tags', '-', '--flux', 'old'], /--flux is a version such as 2\.9, not "old"/],
    [['prove', '--pattern', 'a'], /--within is missing/],
    [['prove', '--overlap', 'a'], /--overlap takes two patterns/],
    [['prove', '--pattern', '(', '--within', 'a'], /Flux refuses the pattern \(: error parsing regexp/],
    [['images'], /images takes at least one folder/],
    [['images', '--batch', 'x'], /takes no argument "x"/],
  ];
  for (const [given, message] of refused) {
    it(`refuses ${given.join(' ')}`, async () => {
      const { exitCode, output, errors } = await call(given);
      assert.deepEqual([exitCode, output], [2, '']);
      assert.match(errors, message);
      assert.match(errors, new RegExp(`\nUsage:\n  flux-promote ${given[0]} `));
    });
  }
});

describe('select', () => {
  it('prints the tag, from standard input or a file', async () => {
    const fromInput = await call(['select', ...policy, '--numerical', '--tags', '-'], tags);
    assert.deepEqual(fromInput, { exitCode: 0, output: 'develop-v1-100\n', errors: '' });
    const fromFile = await call(['select', ...policy, '--alphabetical', 'asc', '--tags', 'tags.txt'], [], {
      readFile: async (path) => (path === 'tags.txt' ? tags.join('\r\n') : ''),
    });
    assert.deepEqual(fromFile, { exitCode: 0, output: 'develop-v1-99\n', errors: '' });
  });

  it('takes an order that may be left out', async () => {
    for (const [order, tag] of [
      [['--numerical'], 'develop-v1-100'],
      [['--numerical', 'desc'], 'develop-v1-99'],
      [['--numerical=DESC'], 'develop-v1-99'],
    ] as const) {
      const { output } = await call(['select', ...order, ...policy, '--tags', '-'], tags);
      assert.equal(output, `${tag}\n`);
    }
  });

  it("ends with 1 and Flux's own words where Flux selects nothing", async () => {
    const { exitCode, output } = await call(['select', '--numerical=up', '--tags', '-'], tags);
    assert.equal(exitCode, 1);
    assert.equal(output, "invalid policy: invalid order argument provided: 'UP', must be one of: ASC, DESC\n");
  });

  it('tells with --json what became of every tag', async () => {
    const given = ['select', ...policy, '--numerical', '--exclude=-100$', '--exclude', 'x', '--tags', '-', '--json'];
    const { output } = await call(given, tags);
    assert.deepEqual(JSON.parse(output), {
      tag: 'develop-v1-99',
      trace: [
        { tag: 'staging-v1-101', matched: false, dropped: { why: 'unmatched' } },
        { tag: 'develop-v1-99', matched: true, key: '99' },
        { tag: 'develop-v1-100', matched: false, dropped: { why: 'excluded', by: '-100$' } },
      ],
    });
  });
});

describe('prove', () => {
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [['--pattern', '^production-', '--within', '^prod'], 0, 'included'],
    [['--pattern', '^production-.', '--within', '^production-v'], 1, 'production-x'],
    [['--overlap', '^staging-', '^production-'], 0, 'disjoint'],
    [['--overlap', '--', '-b$', '^a'], 1, 'a-b'],
  ];
  for (const [given, exitCode, output] of cases) {
    it(`${given.join(' ')}: ${output}`, async () => {
      assert.deepEqual(await call(['prove', ...given]), { exitCode, output: `${output}\n`, errors: '' });
    });
  }

  it('prints JSON', async () => {
    const { output } = await call(['prove', '--pattern', 'a', '--within', '', '--json']);
    assert.deepEqual(JSON.parse(output), { included: true });
  });
});
