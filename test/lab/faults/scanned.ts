// scanned: the ImageRepository has read the tags.
import { hideBehindUnknownAuthority, refuseTags } from './failingServers';
import { tag1, tag2 } from './plot';
import { all, edit, type FaultRow, newer, repository, withhold } from './row';

export const scannedFaults: readonly FaultRow[] = [
  {
    name: 'tag excluded',
    link: 'scanned',
    code: 'tag-excluded',
    part: 'images',
    draft: all(newer, edit(repository, 'spec:\n', "spec:\n  exclusionList: ['^.*\\.sig$', '-1700000200$']\n")),
    ask: () => ({ wanted: tag2 }),
  },
  {
    name: 'scan suspended',
    link: 'scanned',
    code: 'scan-suspended',
    part: 'images',
    draft: edit(repository, 'spec:\n', 'spec:\n  suspend: true\n'),
  },
  {
    name: 'scan failing: authentication',
    link: 'scanned',
    code: 'scan-unauthorized',
    part: 'images',
    isHealthyFirst: true,
    inject: refuseTags({ status: 401, code: 'UNAUTHORIZED', message: 'authentication required' }),
  },
  {
    name: 'scan failing: permission',
    link: 'scanned',
    code: 'scan-unauthorized',
    part: 'images',
    isHealthyFirst: true,
    inject: refuseTags({ status: 403, code: 'DENIED', message: 'requested access to the resource is denied' }),
  },
  {
    name: 'scan failing: TLS',
    link: 'scanned',
    code: 'scan-tls',
    part: 'images',
    isHealthyFirst: true,
    inject: hideBehindUnknownAuthority,
  },
  {
    name: 'scan failing: rate limit',
    link: 'scanned',
    code: 'scan-rate-limited',
    part: 'images',
    isHealthyFirst: true,
    inject: refuseTags({ status: 429, code: 'TOOMANYREQUESTS', message: 'too many requests' }),
  },
  {
    name: 'scan failing: the registry is broken',
    link: 'scanned',
    code: 'scan-failed',
    part: 'images',
    isHealthyFirst: true,
    inject: refuseTags({ status: 500, code: 'UNKNOWN', message: 'unknown error' }),
  },
  {
    name: 'scan failing: URL with a scheme',
    link: 'scanned',
    code: 'scan-url',
    part: 'images',
    draft: edit(repository, 'image: ', 'image: https://'),
  },
  {
    name: 'scan failing: no such repository',
    link: 'scanned',
    code: 'scan-url',
    part: 'images',
    draft: edit(repository, /image: (.*)/, 'image: $1-nowhere'),
  },
  {
    name: 'scan failing: exclusion pattern',
    link: 'scanned',
    code: 'scan-pattern',
    part: 'images',
    draft: edit(repository, 'spec:\n', "spec:\n  exclusionList: ['(']\n"),
  },
  { name: 'scan stale', link: 'scanned', code: 'scan-stale', part: 'images', ask: () => ({ laterMs: 3_600_000 }) },
  {
    name: 'no ImageRepository',
    link: 'scanned',
    code: 'repository-missing',
    part: 'images',
    draft: withhold(repository),
  },
  {
    name: 'tags of another image scanned',
    link: 'scanned',
    code: 'repository-other-image',
    part: 'images',
    draft: edit(repository, /image: (.*)/, 'image: $1-other'),
    inject: async (plot) => {
      await plot.pushTag(tag1, `${plot.draft.image}-other`);
      await plot.nudge('ImageRepository');
    },
  },
];
