import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { runStep, scansStep } from '../../../src/fleet/explain/steps';
import type { WorkflowRun } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { explained } from './explained';
import { image, now, shopFacts, shopForge } from './shop';

const run = (url: string, state: WorkflowRun['state'] = 'waiting'): WorkflowRun => ({
  id: 7,
  url,
  workflow: '.github/workflows/promote-production.yml',
  state,
  createdAt: now,
  updatedAt: now,
  steps: [],
});
const commandOf = (...given: Parameters<typeof run>): string => runStep(run(...given)).command;

describe('a step to copy', () => {
  it('shows a run by the command line of its forge, and the log where it failed', () => {
    const url = 'https://github.com/acme/backend/actions/runs/7';
    assert.equal(commandOf(url), 'gh run view 7 --repo github.com/acme/backend');
    assert.equal(commandOf(url, 'failed'), 'gh run view 7 --repo github.com/acme/backend --log-failed');
    assert.equal(
      commandOf('https://github.acme.example/acme/backend/actions/runs/7'),
      'gh run view 7 --repo github.acme.example/acme/backend',
    );
    assert.equal(
      commandOf('https://gitea.example/acme/backend/actions/runs/7'),
      'curl -fsSL https://gitea.example/acme/backend/actions/runs/7',
    );
    assert.equal(commandOf("https://x.example/it's?a=1&b"), String.raw`curl -fsSL 'https://x.example/it'\''s?a=1&b'`);
  });

  it('shows what the cluster has scanned, where nobody knows by what, all of it', () => {
    assert.match(scansStep({ kind: 'ImageRepository', name: 'x', namespace: 'y' }).command, /^kubectl -n y describe /);
    assert.equal(scansStep(undefined).command, 'flux get image repository -A');
  });

  it('is there for each state of a run, and for a tag that nobody made', () => {
    for (const state of ['failed', 'cancelled', 'waiting', 'running', 'queued'] as const) {
      const forge = known({ ...shopForge, runs: [run('https://github.com/acme/backend/actions/runs/7', state)] }, now);
      const [fault] = explained(shopFacts({ forge })).faults;
      assert.match(fault?.code ?? '', /^run-/);
      assert.match(fault?.steps[0].command ?? '', /^gh run view 7 /);
    }
    const [missing] = explained(shopFacts(), 'production-v9').faults;
    assert.equal(missing?.code, 'run-missing');
    assert.match(missing.steps[0].command, /^kubectl -n flux-system describe imagerepositories\S+ backend$/);
    const elsewhere = shopFacts();
    const other = known({ tags: ['production-v9'], digests: new Map() }, now);
    const [found] = explained(
      { ...elsewhere, registry: new Map([...elsewhere.registry, [`${image}-other`, other]]) },
      'production-v9',
    ).faults;
    assert.equal(found?.code, 'tag-elsewhere');
    assert.match(found.steps[0].command, /^kubectl /);
  });
});
