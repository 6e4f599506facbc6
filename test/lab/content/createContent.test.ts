import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { type ContentSummary, cloneWorkspace, createContent } from '../../../src/lab/content/createContent';
import { environments, services } from '../../../src/lab/content/names';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { runGit } from '../../../src/lab/git/labGit';
import { readDigest } from '../../../src/lab/registry/pushImage';
import { startRegistry } from '../../../src/lab/registry/registry';
import { withTemporaryFolder } from '../temporaryFolder';

const now = Date.UTC(2026, 10, 23, 12);

interface Scene {
  readonly summary: ContentSummary;
  readonly registryUrl: string;
  readonly root: string;
  readonly folder: string;
  readonly fluxUrl: string;
}

function withContent(body: (scene: Scene) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const root = join(folder, 'git');
    await mkdir(root);
    const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
    const git = await startGitServer({ root, port: 0 });
    const registryUrl = `http://${registry.host}`;
    try {
      const summary = await createContent({ folder: root, registryUrl, gitUrl: git.baseUrl, now, seed: 'lab' });
      await body({ summary, registryUrl, root, folder, fluxUrl: git.url('flux') });
    } finally {
      await git.stop();
      await registry.stop();
    }
  });
}

describe('lab content', () => {
  it("is on the remote with the planned hashes, clean by git's own check", () =>
    withContent(async ({ summary, root }) => {
      const flux = join(root, 'flux.git');
      assert.equal((await runGit(['rev-parse', 'main'], { cwd: flux })).trim(), summary.head);
      for (const repository of ['flux', ...services]) {
        await runGit(['fsck', '--strict'], { cwd: join(root, `${repository}.git`) });
      }
      for (const { commit, changes } of summary.writeBacks) {
        const shown = await runGit(['show', '--format=%an %ae', '--unified=0', commit], { cwd: flux });
        assert.match(shown, /^fluxcdbot fluxcdbot@users\.noreply\.github\.com\n/);
        const written = [...shown.matchAll(/^\+ {4}newTag: (\S+) # \{"\$imagepolicy"/gm)].map(
          (match) => match[1] ?? '',
        );
        assert.deepEqual(written.sort(), changes.map(({ to }) => to).sort());
      }
    }));

  it('every tag of the history is in the registry, and names a commit of its service', () =>
    withContent(async ({ summary, registryUrl, root }) => {
      for (const service of services) {
        const log = await runGit(['log', '--format=%h', '--abbrev=7', 'main'], { cwd: join(root, `${service}.git`) });
        const commits = new Set(log.trim().split('\n'));
        for (const tag of environments.flatMap((environment) => summary.tags[service][environment])) {
          assert.ok(await readDigest(registryUrl, `acme/${service}`, tag), tag);
          assert.ok(commits.has(tag.split('-')[2] ?? ''), tag);
        }
      }
    }));

  it('production tags are copies of what staging tested, and the moving names follow', () =>
    withContent(async ({ summary, registryUrl }) => {
      for (const service of services) {
        const digest = (tag: string) => readDigest(registryUrl, `acme/${service}`, tag);
        for (const tag of summary.tags[service].production) {
          assert.equal(await digest(tag), await digest(tag.replace('production', 'staging')));
        }
        for (const environment of environments) {
          const newest = summary.tags[service][environment].at(-1) ?? '';
          assert.equal(await digest(environment), await digest(newest));
        }
        assert.equal(await digest('latest'), await digest('develop'));
      }
    }));

  it('production releases are annotated tags of the service', () =>
    withContent(async ({ summary, root }) => {
      const listed = await runGit(['tag', '--list', '--sort=creatordate', '--format=%(refname:short) %(objecttype)'], {
        cwd: join(root, 'backend.git'),
      });
      assert.deepEqual(
        listed.trim().split('\n'),
        summary.tags.backend.production.map((tag) => `${tag} tag`),
      );
    }));

  it('the workspace is a clone that can commit and push', () =>
    withContent(async ({ summary, folder, fluxUrl }) => {
      const workspace = join(folder, 'workspace', 'flux');
      await cloneWorkspace({ url: fluxUrl, folder: workspace });
      const git = (...args: string[]) => runGit(args, { cwd: workspace });
      const files = (await git('ls-files')).trim().split('\n');
      for (const file of files.filter((name) => name.endsWith('.yaml'))) {
        for (const document of (await git('show', `HEAD:${file}`)).split(/^---$/m)) {
          assert.ok(parse(document), file);
        }
      }
      await git('commit', '-q', '--allow-empty', '-m', 'Try');
      await git('push', '-q');
      assert.equal((await git('log', '-1', '--format=%an', 'origin/main')).trim(), 'Lab User');
      assert.equal((await git('rev-parse', 'origin/main~1')).trim(), summary.head);
    }));
});
