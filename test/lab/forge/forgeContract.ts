// What every forge must do for the adapter that speaks to it, whichever it is: the suites of the lab's forge and of a real one run
// these same tests.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Forge, ForgeRepository } from '../../../src/base/forge/forge';
import { runGit } from '../../../src/lab/git/labGit';
import { until } from '../until';

export interface ForgeWorld {
  readonly forge: Forge;
  /** A repository with the workflow `promote-production.yml`. */
  readonly at: ForgeRepository;
  /** A clone of it that may push. */
  readonly clone: string;
  /** A staging tag that the workflow takes. */
  readonly stagingTag: string;
  /** As a person does on the forge's page. */
  readonly merge: (number: number) => Promise<void>;
  /** From now on `main` takes no push. */
  readonly protectMain: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const { signal } = new AbortController();
const soon = (what: string) => ({ timeoutMs: 30_000, what });

export function describeForge(name: string, open: () => Promise<ForgeWorld>): void {
  describe(`the adapter of ${name}`, function () {
    this.timeout(120_000);
    let world: ForgeWorld;

    before(async function () {
      // A forge may have to be built first.
      this.timeout(3_600_000);
      world = await open();
    });
    after(() => world.stop());

    it('knows the default branch, and that this login may write', async () => {
      const { forge, at } = world;
      assert.deepEqual(await forge.reader.repository(at, signal), { defaultBranch: 'main', mayWrite: true });
    });

    it('reads a file, and says nothing of one that is not there', async () => {
      const { forge, at } = world;
      assert.match((await forge.reader.contents(at, 'README.md', 'main', signal)) ?? '', /\w/);
      assert.equal(await forge.reader.contents(at, 'nowhere.txt', 'main', signal), undefined);
    });

    it('finds the workflow that can be dispatched, with its inputs', async () => {
      const { forge, at } = world;
      const workflows = await forge.reader.workflows(at, 'main', signal);
      const promote = workflows.find(({ path }) => path.endsWith('/promote-production.yml'));
      assert.ok(
        promote?.inputs.some((input) => input.name === 'staging_tag' && input.isRequired),
        JSON.stringify(workflows),
      );
    });

    it('opens a pull request once, and sees it merged', async () => {
      const { forge, at, clone } = world;
      await runGit(['checkout', '-q', '-b', 'try', 'origin/main'], { cwd: clone });
      await runGit(['commit', '-q', '--allow-empty', '-m', 'Try it'], { cwd: clone });
      await runGit(['push', '-q', 'origin', 'try'], { cwd: clone });
      const draft = { head: 'try', base: 'main', title: 'Try it', body: 'Please.' };
      // A forge may look at a push a moment after it took it.
      const opened = await until(() => forge.writer.openPull(at, draft, signal), soon('the pull request'));
      assert.equal(opened.state, 'open');
      assert.equal((await forge.writer.openPull(at, draft, signal)).number, opened.number);
      const [listed, ...others] = await forge.reader.openPulls(at, 'main', signal);
      assert.deepEqual(
        { ...listed, at: Math.abs((listed?.at ?? 0) - Date.now()) < 600_000 },
        { number: opened.number, url: opened.url, title: 'Try it', head: 'try', at: true },
      );
      assert.deepEqual(others, []);
      assert.deepEqual(await forge.reader.openPulls(at, 'elsewhere', signal), []);
      await world.merge(opened.number);
      const merged = await until(async () => {
        const pull = await forge.reader.pull(at, opened.number, signal);
        return pull.state === 'merged' && pull;
      }, soon('the merge'));
      assert.deepEqual(await forge.reader.openPulls(at, 'main', signal), []);
      await runGit(['fetch', '-q', 'origin', 'main'], { cwd: clone });
      assert.equal(merged.mergeCommit, (await runGit(['rev-parse', 'FETCH_HEAD'], { cwd: clone })).trim());
    });

    it('starts a workflow, and finds its run', async () => {
      const { forge, at, stagingTag } = world;
      const dispatch = { workflow: 'promote-production.yml', ref: 'main', inputs: { staging_tag: stagingTag } };
      const { runId } = await forge.writer.dispatch(at, dispatch, signal);
      const run = await until(async () => {
        const runs = await forge.reader.runs(at, { limit: 5, event: 'workflow_dispatch' }, signal);
        return runs.find(({ id }) => runId === undefined || id === runId);
      }, soon('the run'));
      assert.match(run.workflow, /promote-production\.yml$/);
      assert.equal((await forge.reader.run(at, run.id, signal)).id, run.id);
    });

    it('tells a branch that takes pushes from one that asks for a pull request', async () => {
      const { forge, at } = world;
      assert.equal((await forge.reader.branchRules(at, 'main', signal)).needsPull, false);
      await world.protectMain();
      const { needsPull, rules } = await forge.reader.branchRules(at, 'main', signal);
      assert.equal(needsPull, true);
      assert.ok(rules.includes('a pull request'), JSON.stringify(rules));
    });
  });
}
