import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { gitHub } from '../../src/base/forge/github';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { parseYaml } from '../../src/manifests/documents';
import { labToken } from './forge/forgeClient';
import { shareLabWorld, startLabForge } from './labWorld';
import { until } from './until';

const { signal } = new AbortController();

describe("the extension's own clients against the lab", function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const world = shareLabWorld();

  it("reads the lab's registry", async () => {
    const { registryUrl, summary } = world();
    const { host } = new URL(registryUrl);
    const client = registryClient({
      fetch,
      clock: systemClock,
      credentials: () => Promise.resolve(undefined),
      isPlainHttp: (each) => each === host,
    });
    const image = `${host}/acme/backend`;
    const { develop, staging, production } = summary.tags.backend;
    const tags = await client.tags(image, signal);
    assert.deepEqual(
      [...tags].sort(),
      [...develop, ...staging, ...production, 'develop', 'staging', 'production', 'latest'].sort(),
    );
    const newest = production.at(-1) ?? '';
    const digest = await client.digest(image, newest, signal);
    assert.equal(await client.digest(image, newest.replace('production', 'staging'), signal), digest);
    const labels = await client.labels(image, newest, signal);
    assert.equal(labels['org.opencontainers.image.revision']?.slice(0, 7), newest.split('-')[2]);
  });

  it("promotes by the lab's forge and reads what came of it", async () => {
    const lab = world();
    const forge = await startLabForge(lab);
    try {
      const token = () => Promise.resolve(labToken);
      const access = { fetch, clock: systemClock, logger: silentLogger, apiUrl: forge.apiUrl, token };
      const { reader, writer } = gitHub(access, (text) => parseYaml(text)[0]?.toJS());
      const at = { owner: 'acme', repository: 'frontend' };
      const [promote] = await reader.workflows(at, 'main', signal);
      assert.deepEqual(
        promote?.inputs.map(({ name }) => name),
        ['staging_tag', 'reason'],
      );
      const staging = lab.summary.tags.frontend.staging.at(-1) ?? '';
      const path = promote?.path ?? '';
      const { runId = 0 } = await writer.dispatch(
        at,
        { workflow: path, ref: (await reader.repository(at, signal)).defaultBranch, inputs: { staging_tag: staging } },
        signal,
      );
      const run = await until(
        async () => {
          const found = await reader.run(at, runId, signal);
          return (found.state === 'succeeded' || found.state === 'failed') && found;
        },
        { timeoutMs: 10_000, what: 'the run to end' },
      );
      assert.equal(run.state, 'succeeded');
      assert.deepEqual(
        (await reader.runs(at, { limit: 5, event: 'workflow_dispatch' }, signal)).map(({ id }) => id),
        [runId],
      );
      assert.match((await reader.logTail(at, runId, 5, signal)).join('\n'), /Released production-v/);
      const [release] = await reader.releases(at, 5, signal);
      assert.equal(release?.tag, staging.replace('staging', 'production'));
      assert.equal(await reader.contents(at, 'VERSION', 'main', signal), '0.0.5\n');
    } finally {
      await forge.stop();
    }
  });
});
