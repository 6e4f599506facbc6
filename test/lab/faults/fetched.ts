// fetched: the source has the commit.
import { basename } from 'node:path';
import { runGit } from '../../../src/lab/git/labGit';
import { startSilence } from './failingServers';
import { edit, type FaultRow, source, withhold } from './row';

export const fetchedFaults: readonly FaultRow[] = [
  {
    name: 'source failing',
    link: 'fetched',
    code: 'source-failed',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => plot.patch('GitRepository', { spec: { url: `${plot.field.git.baseUrl}/none.git` } }),
  },
  {
    name: 'source suspended',
    link: 'fetched',
    code: 'source-suspended',
    part: 'source',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('GitRepository', { spec: { suspend: true } }),
  },
  {
    name: 'source on another branch',
    link: 'fetched',
    code: 'source-other-branch',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.branch('release');
      await plot.patch('GitRepository', { spec: { ref: { branch: 'release' } } });
    },
  },
  {
    name: 'source on another repository',
    link: 'fetched',
    code: 'source-other-repository',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      const fork = `${basename(plot.bare, '.git')}-fork.git`;
      await runGit(['clone', '--quiet', '--bare', plot.bare, fork], { cwd: plot.field.git.root });
      await plot.patch('GitRepository', { spec: { url: `${plot.field.git.baseUrl}/${fork}` } });
    },
  },
  {
    name: 'source pinned to a tag',
    link: 'fetched',
    code: 'source-pinned',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.tag('v1');
      await plot.patch('GitRepository', { spec: { ref: { branch: null, tag: 'v1' } } });
    },
  },
  {
    name: 'source not yet at the commit',
    link: 'fetched',
    code: 'source-behind',
    part: 'source',
    draft: edit(source, 'interval: 1m', 'interval: 10m'),
    isHealthyFirst: true,
    inject: (plot) => plot.push('Later', { 'notes.txt': () => 'one more' }, 'unannounced'),
  },
  {
    name: 'source suspended by Git',
    link: 'fetched',
    code: 'source-suspended',
    part: 'source',
    draft: edit(source, 'interval: 1m', 'interval: 1m\n  suspend: true'),
  },
  {
    name: 'source takes tags of a range, and nobody has tagged the commit',
    link: 'fetched',
    code: 'source-pinned',
    part: 'source',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.tag('v1.0.0');
      await plot.patch('GitRepository', { spec: { ref: { branch: null, semver: '>=1.0.0' } } });
      await plot.push('Later', { 'notes.txt': () => 'one more' });
    },
  },
  {
    name: 'the branch was rewritten since the source has looked',
    link: 'fetched',
    code: 'source-behind',
    part: 'source',
    draft: edit(source, 'interval: 1m', 'interval: 10m'),
    isHealthyFirst: true,
    inject: (plot) => plot.rewrite('Begin anew'),
  },
  { name: 'no source', link: 'fetched', code: 'source-missing', part: 'source', draft: withhold(source) },
  {
    name: 'nothing wrong, only waiting: for the first fetch',
    link: 'fetched',
    code: 'source-pending',
    part: 'source',
    draft: withhold(source),
    inject: async (plot) => {
      const host = await startSilence(plot);
      await plot.create((plot.draft.files[source] ?? '').replace(/url: .*/, `url: http://${host}/backend.git`));
    },
  },
];
