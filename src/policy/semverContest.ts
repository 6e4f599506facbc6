import { type Contest, type Holders, hold, pickStored, type Walk } from './contest';
import type { Release } from './release';
import { satisfies, type VersionRange } from './semver';
import { compareVersions, parseVersion, type Version } from './version';

/** image-reflector-controller `internal/policy/semver.go`: the highest version in the range; of equal ones the first met. */
export function createSemverContest(walk: Walk, range: VersionRange, semver: Release['semver']): Contest {
  const ties: Holders = new Map();
  let best: Version | undefined;
  return {
    enter: (key, tag) => {
      const version = parseVersion(key, semver);
      if (!version) return;
      const order = best ? compareVersions(version, best) : 1;
      if (order < 0 || !satisfies(version, range, semver)) return;
      if (order > 0) ties.clear();
      best = version;
      hold(ties, key, tag, walk);
    },
    decide: () => {
      if (ties.size === 0) return { kind: 'none', errors: ['unable to determine latest version from provided list'] };
      if (walk.order === 'random') return { kind: 'latest', tags: [...ties.values()] };
      return { kind: 'latest', tags: [pickStored([...ties.keys()], 'first', walk)] };
    },
  };
}
