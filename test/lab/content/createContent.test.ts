import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { cloneWorkspace } from '../../../src/lab/content/createContent';
import { environments, services } from '../../../src/lab/content/names';
import { runGit } from '../../../src/lab/git/labGit';
import { readDigest } from '../../../src/lab/registry/pushImage';
import { type LabWorld, shareLabWorld } from '../labWorld';

describe('lab content', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const world = shareLabWorld();
  const look = (body: (world: LabWorld) => Promise<void>) => body(world());

  it("is on the remote with the planned hashes, clean by git's own check", () =>
    look(async ({ summary, gitRoot: root }) => {
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
    look(async ({ summary, registryUrl, gitRoot: root }) => {
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
    look(async ({ summary, registryUrl }) => {
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
    look(async ({ summary, gitRoot: root }) => {
      const listed = await runGit(['tag', '--list', '--sort=creatordate', '--format=%(refname:short) %(objecttype)'], {
        cwd: join(root, 'backend.git'),
      });
      assert.deepEqual(
        listed.trim().split('\n'),
        summary.tags.backend.production.map((tag) => `${tag} tag`),
      );
    }));

  it('the workspace is a clone that can commit and push', () =>
    look(async ({ summary, folder, git: server }) => {
      const workspace = join(folder, 'workspace', 'flux');
      await cloneWorkspace({ url: server.url('flux'), folder: workspace });
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
