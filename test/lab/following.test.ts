import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { realConstants } from '../../src/lab/controllers/constants';
import { createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { type FollowedPromotion, type FollowedRequest, followPromotion, looksOf } from './following';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporaryFolder';

describe('following a promotion in the practice lab', function () {
  this.timeout(180_000);
  const bugs: unknown[] = [];
  let folder: string;
  let lab: RunningLab;
  let followed: FollowedPromotion;

  before(async () => {
    folder = await makeTemporaryFolder();
    await createLab(folder, { seed: 'test' });
    lab = await startLab(folder, { constants: realConstants, onBug: (error) => bugs.push(error) });
    followed = await followPromotion(lab);
    bugs.push(...followed.bugs);
  });
  after(async () => {
    await lab.stop();
    await removeTemporaryFolder(folder);
    assert.deepEqual(bugs, []);
  });

  it('shows every link', () => {
    assert.deepEqual(
      [...followed.delays].filter(([, delay]) => !Number.isFinite(delay)),
      [],
    );
  });

  it('lets the same command start nothing more once it has arrived', () => {
    assert.equal(followed.runs, 1);
    assert.match(followed.again.reason, /exists already: this build was promoted before/);
  });

  it('looks at the run once in five seconds: by one request, two at its beginning and its end, and by ETag', () => {
    const asked = followed.requests.filter(({ path }) => /\/actions\/runs\/\d+/.test(path));
    const looks = looksOf(asked);
    assert.ok(looks.length >= 2, JSON.stringify(asked));
    assert.deepEqual(tooClose(looks), []);
    assert.ok(asked.length <= looks.length + 2, JSON.stringify(asked));
    const again = asked.filter(({ path }, at) => asked.findIndex((one) => one.path === path) < at);
    assert.ok(again.length > 0 && again.every(({ isConditional }) => isConditional), JSON.stringify(asked));
  });

  it('asks the registry for tags at most once in five seconds', () => {
    const asked = followed.requests.filter(({ to, path }) => to === 'registry' && /\/(manifests|tags)\//.test(path));
    assert.ok(asked.length > 0);
    assert.deepEqual(tooClose(asked), []);
  });
});

/** Timers are early by a millisecond now and then. */
function tooClose(requests: readonly FollowedRequest[]): readonly string[] {
  return requests.flatMap((one, at) => {
    const before = requests[at - 1];
    return before !== undefined && one.at - before.at < 4_990
      ? [`${before.at} ${before.path}, ${one.at} ${one.path}`]
      : [];
  });
}
