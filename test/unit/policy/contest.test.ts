import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createAlphabeticalContest } from '../../../src/policy/alphabetical';
import type { Contest, Walk } from '../../../src/policy/contest';
import { createNumericalContest } from '../../../src/policy/numerical';
import { parseRange } from '../../../src/policy/semver';
import { createSemverContest } from '../../../src/policy/semverContest';

/** How a contest ends among tags that are their own keys. */
function decide(create: (walk: Walk) => Contest, tags: string, order: Walk['order'] = 'stored'): object {
  const stored = tags.split(' ').toSorted().toReversed();
  const contest = create({ order, isSorted: true, inOrder: () => new Map(stored.map((tag) => [tag, tag])) });
  for (const tag of tags.split(' ')) contest.enter(tag, tag);
  return contest.decide();
}

const alphabetical = (walk: Walk): Contest => createAlphabeticalContest(walk, 1);
const numerical = (walk: Walk): Contest => createNumericalContest(walk, 1);

function semver(walk: Walk): Contest {
  const range = parseRange('*', '3.5');
  assert.ok(range.kind === 'range');
  return createSemverContest(walk, range, '3.5');
}

describe('contests', () => {
  it('end with every tag that Flux may select', () => {
    assert.deepEqual(decide(alphabetical, 'a c b'), { kind: 'latest', tags: ['c'] });
    assert.deepEqual(decide(numerical, '01 1 0'), { kind: 'latest', tags: ['01'] });
    assert.deepEqual(decide(numerical, '01 1 0', 'random'), { kind: 'latest', tags: ['01', '1'] });
    assert.deepEqual(decide(numerical, 'nan 1'), { kind: 'latest', tags: ['1'] });
    assert.deepEqual(decide(semver, 'v1.0.0 1.0.0 0.1.0'), { kind: 'latest', tags: ['v1.0.0'] });
    assert.deepEqual(decide(semver, 'v1.0.0 1.0.0 0.1.0', 'random'), { kind: 'latest', tags: ['v1.0.0', '1.0.0'] });
  });

  it('end with every error that Flux may give', () => {
    const refusal = (key: string): string => `failed to parse invalid numeric value '${key}'`;
    assert.deepEqual(decide(numerical, 'x 1 y'), { kind: 'none', errors: [refusal('y')] });
    assert.deepEqual(decide(numerical, 'x 1 y', 'random'), { kind: 'none', errors: [refusal('x'), refusal('y')] });
    const errors = ['unable to determine latest version from provided list'];
    assert.deepEqual(decide(semver, 'x 1.2'), { kind: 'none', errors });
  });
});
