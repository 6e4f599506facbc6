import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ProblemError } from '../../../src/model/problem';
import type { Terminal } from '../../../src/terminal/command';
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
    [['lineage', 'ghcr.io/acme/backend', 'a'], /lineage takes an image and two of its tags, the tested one first/],
    [['lineage', 'ghcr.io/acme/backend:a', 'a', 'b'], /a name without tag, such as/],
    [['lineage', 'ghcr.io/acme/backend', '../a', 'b'], /"\.\.\/a" is no tag and no digest/],
    [['lineage', 'ghcr.io/acme/backend', 'a', 'b', '--json', '--markdown'], /exclude each other/],
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

describe('lineage', () => {
  const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
  const readImage: Terminal['readImage'] = async (_image, reference) => {
    if (reference === 'gone') throw new ProblemError({ code: 'registry-not-found', message: 'There is no such tag.' });
    const own = digest(reference.at(-1) ?? '');
    return { digest: own, mediaType: 'manifest', manifests: [{ digest: own }], labels: {} };
  };
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['staging-a', 'production-a'], 0, /^same: production-a is the same image as staging-a\./],
    [['staging-a', 'production-b'], 1, /^different: .*\nA rebuild is a new artefact/],
    [['staging-a', digest('a')], 0, /^same: /],
    [['staging-a', 'gone'], 2, /^unknown: .*\nThere is no such tag\.\n$/],
    [['gone', 'production-a'], 2, /^unknown: /],
    [['staging-a', 'production-b', '--markdown'], 1, /^# Lineage of ghcr\.io\/acme\/backend\n/],
    [['staging-a', 'gone', '--json'], 2, /"verdict": "unknown"/],
  ];
  for (const [given, exitCode, output] of cases) {
    it(`${given.join(' ')}: ${exitCode}`, async () => {
      const printed = await call(['lineage', 'ghcr.io/acme/backend', ...given], [], { readImage });
      assert.deepEqual([printed.exitCode, printed.errors], [exitCode, '']);
      assert.match(printed.output, output);
    });
  }
});
