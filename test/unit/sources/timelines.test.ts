import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { HistoryEntry } from '../../../src/base/git/reader';
import type { Hunk } from '../../../src/base/git/records';
import { historyKey } from '../../../src/model/facts';
import type { RepositoryManifests } from '../../../src/model/manifest';
import { timelinesOf, timelineTargets } from '../../../src/sources/timelines';

const range = { start: 0, end: 0 };

function entry(hash: string, files: Readonly<Record<string, readonly Hunk[]>>): HistoryEntry {
  const commit = { hash, author: { name: 'a', email: 'a@b' }, at: 0, subject: hash, message: hash, parents: ['p'] };
  return { commit, files: Object.entries(files).map(([path, hunks]) => ({ path, hunks })) };
}

function hunk(at: number, removed: readonly string[], added: readonly string[]): Hunk {
  return { oldStart: at, newStart: at, removed, added };
}

function manifests(
  markers: readonly (readonly [file: string, line: number, setter: string, part: 'tag' | 'image' | 'name'])[],
  origins: readonly (readonly [file: string, line: number, field: string, image: string])[] = [],
): RepositoryManifests {
  return {
    roots: [
      {
        path: '',
        objects: [],
        files: [],
        problems: [],
        images: origins.map(([file, line, field, image]) => ({
          kind: 'Deployment',
          name: 'x',
          namespace: '',
          container: 'x',
          image,
          origin: { file, line, field, range },
        })),
      },
    ],
    objects: [],
    problems: [],
    markers: markers.map(([file, line, setter, part]) => ({
      file,
      line,
      setter,
      part,
      range,
      comment: range,
      namespace: 'ns',
      policy: 'p',
      value: '',
    })),
  };
}

function told(of: RepositoryManifests, entries: readonly HistoryEntry[], key: string): readonly string[] {
  const timelines = timelinesOf(timelineTargets(of));
  for (const one of entries) timelines.add(one);
  const changes = timelines.changes().get(key) ?? [];
  return changes.map(({ commit, from, to, otherFiles }) => `${commit.hash} ${from ?? '-'}>${to} ${otherFiles.join()}`);
}

describe('timelines', () => {
  it('follows a marker wherever its line stands, quoted or not, and names what else changed', () => {
    const mark = '# {"$imagepolicy": "ns:backend:tag"}';
    const other = '# {"$imagepolicy": "ns:backend2:tag"}';
    const entries = [
      entry('c3', { 'k.yaml': [hunk(5, [`  newTag: 'v2' ${mark}`], [`  newTag: v3 ${mark}`])], 'x.yaml': [] }),
      entry('c2b', { 'k.yaml': [hunk(9, [`  newTag: v7 ${other}`], [`  newTag: v8 ${other}`])] }),
      entry('c2', { 'k.yaml': [hunk(1, [`  newTag: "v1" ${mark}`], []), hunk(7, [], [`  newTag: 'v2' ${mark}`])] }),
      entry('c1b', { 'k.yaml': [hunk(1, [`newTag: "v1" ${mark}`], [`  newTag: "v1" ${mark}`])] }),
      entry('c1', { 'k.yaml': [hunk(1, [], [`newTag: "v1" ${mark}`])] }),
    ];
    assert.deepEqual(
      told(manifests([['k.yaml', 5, 'ns:backend:tag', 'tag']]), entries, historyKey('k.yaml', 'ns:backend:tag')),
      ['c3 v2>v3 x.yaml', 'c2 v1>v2 ', 'c1 ->v1 '],
    );
  });

  it('reads the tag out of a marked image', () => {
    const mark = '# {"$imagepolicy": "ns:p"}';
    const entries = [
      entry('c2', {
        'd.yaml': [hunk(3, [`  - image: h:5000/a:v1 ${mark}`], [`  - image: h:5000/a:v2@sha256:ab ${mark}`])],
      }),
    ];
    assert.deepEqual(told(manifests([['d.yaml', 3, 'ns:p', 'image']]), entries, historyKey('d.yaml', 'ns:p')), [
      'c2 v1>v2 ',
    ]);
  });

  it('follows an unmarked line by its number through what comes and goes above it', () => {
    const of = manifests([], [['k.yaml', 10, 'newTag', 'ghcr.io/acme/a:v3']]);
    const key = historyKey('k.yaml', 'ghcr.io/acme/a');
    const entries = [
      entry('c4', { 'k.yaml': [{ oldStart: 2, newStart: 3, removed: [], added: ['a', 'b'] }] }),
      entry('c3', {
        'k.yaml': [hunk(4, ['    newTag: x1'], ['    newTag: x2']), hunk(8, ['    newTag: v2'], ['    newTag: v3'])],
      }),
      entry('c2', { 'k.yaml': [{ oldStart: 1, newStart: 0, removed: ['a', 'b', 'c'], added: [] }] }),
      entry('c1', { 'k.yaml': [hunk(11, ['    newTag: v1'], ['    newTag: v2'])] }),
      entry('c0', { 'k.yaml': [hunk(1, [], [...Array.from({ length: 10 }, () => 'x: y'), '    newTag: v1'])] }),
      entry('earlier', { 'k.yaml': [hunk(11, ['newTag: no'], ['newTag: never'])] }),
    ];
    assert.deepEqual(told(of, entries, key), ['c3 v2>v3 ', 'c1 v1>v2 ', 'c0 ->v1 ']);
  });

  it('ends where another field stood in the line', () => {
    const of = manifests([], [['k.yaml', 2, 'newTag', 'a:v3']]);
    const entries = [
      entry('c1', { 'k.yaml': [hunk(2, ['x: 1'], ['name: a'])] }),
      entry('c0', { 'k.yaml': [hunk(2, [], ['newTag: z'])] }),
    ];
    assert.deepEqual(told(of, entries, historyKey('k.yaml', 'a')), []);
  });

  it('makes no timeline of names and digests, and one for a line with a marker', () => {
    const of = manifests(
      [
        ['k.yaml', 2, 'ns:p:tag', 'tag'],
        ['k.yaml', 1, 'ns:p:name', 'name'],
      ],
      [
        ['k.yaml', 2, 'newTag', 'a:v1'],
        ['k.yaml', 9, 'digest', 'b@sha256:1'],
      ],
    );
    assert.deepEqual([...timelinesOf(timelineTargets(of)).changes().keys()], [historyKey('k.yaml', 'ns:p:tag')]);
  });
});
