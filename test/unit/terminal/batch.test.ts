import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { call } from './paper';

const wellFormed: Readonly<Record<string, string>> = {
  select: '{"spec":{"policy":{"alphabetical":{}}},"tags":["a","b"]}',
  prove: '{"pattern":"^a$","within":"a"}',
  markers: '{"file":"x.yaml","before":"a: 1","policies":[]}',
  images: '{"files":{"kustomization.yaml":"resources: []"},"root":"."}',
};

const broken = [
  '',
  '   ',
  '{',
  'null',
  '[]',
  '"text"',
  '{}',
  '{"spec":1,"tags":[]}',
  '{"spec":{"policy":{"semver":"1.x"}},"tags":[]}',
  '{"spec":{"filterTags":{"pattern":7},"policy":{"alphabetical":{}}},"tags":[]}',
  '{"spec":{},"tags":["a",1]}',
  '{"spec":{},"tags":["a"],"exclude":"x"}',
  '{"spec":{},"tags":["a"],"flux":"newest"}',
  '{"pattern":"(","within":"a"}',
  '{"pattern":"a","within":null}',
  '{"file":"x.yaml","before":"a: 1","policies":{}}',
  '{"file":"x.yaml","before":"a: 1","policies":[1]}',
  '{"file":"x.yaml","before":"a: 1","policies":[{"Namespace":"a"}]}',
  '{"files":{"a.yaml":1},"root":"."}',
  '{"files":[],"root":"."}',
  '{"files":{}}',
];

describe('--batch', function () {
  this.timeout(20_000);

  for (const [name, good] of Object.entries(wellFormed)) {
    it(`${name} answers every line, the bad ones with an error`, async () => {
      const lines = broken.flatMap((line) => [line, good]);
      const { output, errors, exitCode } = await call([name, '--batch'], lines);
      assert.deepEqual([errors, exitCode], ['', 0]);
      const answers = output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.equal(answers.length, lines.length);
      for (const [index, answer] of answers.entries()) {
        const isGood = lines[index] === good;
        assert.equal(typeof answer['error'], isGood ? 'undefined' : 'string', `${lines[index]}: ${output}`);
      }
    });
  }

  it('takes null for what is absent, and the release of Flux', async () => {
    const lines = [
      '{"spec":{"filterTags":null,"policy":{"semver":null,"numerical":{"order":null}}},"tags":["1","2"],"exclude":null}',
      '{"spec":{"policy":{"alphabetical":{"order":"desc"}}},"tags":["a","b"],"exclude":["a"],"flux":"v2.6.1"}',
      '{"spec":{"policy":{"alphabetical":{}}},"tags":[]}',
    ];
    const { output } = await call(['select', '--batch'], lines);
    assert.equal(output, '{"tag":"2"}\n{"tag":"b"}\n{"error":"retrying in 30s error: no tags in database"}\n');
  });

  it('survives what is nested too deeply to be read', async () => {
    const before = '['.repeat(20_000);
    const lines = [JSON.stringify({ file: 'x.yaml', before: `# "$imagepolicy"\na: ${before}`, policies: [] })];
    const { output, exitCode } = await call(['markers', '--batch'], [...lines, wellFormed['markers'] ?? '']);
    assert.equal(exitCode, 0);
    assert.equal(output.trimEnd().split('\n').length, 2);
    assert.ok(output.endsWith('{"changes":[]}\n'));
  });
});
