import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveHeldLines } from '../../../src/fleet/heldLines';
import { type Facts, lineKey } from '../../../src/model/facts';
import type { Hold } from '../../../src/model/fleet';
import { known, valueOf } from '../../../src/model/reading';
import { commit, editObject, minute, now, shopFacts, shopFiles, shopObjects, tags } from './shop';

const policyFile = 'apps/production/image.yaml';
const tagFile = 'apps/production/kustomization.yaml';
const listFile = 'clusters/lab/images.yaml';

function filesWith(file: string, from: string | RegExp, to: string): Record<string, string> {
  const files = shopFiles();
  files[file] = (files[file] ?? '').replace(from, () => to);
  return files;
}

function holdsOf(facts: Facts): readonly Hold[] {
  return deriveFleet(facts).environments.find(({ name }) => name === 'production')?.placements[0]?.holds ?? [];
}

/** With the commit that last wrote each line that holds something. */
function withCommits(facts: Facts, message: string): Facts {
  const repositories = facts.repositories.map((repository) => {
    const content = valueOf(repository.content);
    const subject = message.split('\n', 1)[0] ?? '';
    const made = { ...commit('d'.repeat(40), 30, 'ada'), subject, message };
    const lines = content === undefined ? [] : deriveHeldLines(content);
    return {
      ...repository,
      lineOrigins: new Map(lines.map(({ file, line }) => [lineKey(file, line), known({ commit: made }, now)])),
    };
  });
  return { ...facts, repositories };
}

/** What the cluster says as well, once Flux has applied it. */
function suspendedObject(which: string) {
  return editObject(shopObjects(), which, (object) => ({
    ...object,
    spec: { ...(object['spec'] as object), suspend: true },
  }));
}

describe('deriveHolds', () => {
  it('finds none in a healthy shop', () => assert.deepEqual(holdsOf(shopFacts()), []));

  it('finds a pin with its tag, its author, its age and the reason of our commit', () => {
    const pattern = `'^${tags.production0.replaceAll('.', '\\.')}$'`;
    const files = filesWith(policyFile, /'\^production.*'/, pattern);
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), filterTags: { pattern: pattern.slice(1, -1), extract: '$ts' } },
    }));
    const facts = withCommits(shopFacts({ files, objects }), 'Pin\n\nIt is slow.\n\nFlux-Promote: rollback');
    const [hold, ...others] = holdsOf(facts);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [hold?.kind, hold?.tags, hold?.commit?.author.name, hold?.reason, hold?.since],
      ['pinned', [tags.production0], 'ada', 'It is slow.', now - 30 * minute],
    );
    assert.deepEqual(hold?.declaredAt, { folder: '/work/shop', file: policyFile, line: 10 });
  });

  it('says of a pin whose tag has left the registry that it has', () => {
    const files = filesWith(policyFile, /'\^production.*'/, "'^production-gone$'");
    const facts = shopFacts({ files });
    const [hold] = holdsOf({ ...facts, clusters: new Map() });
    assert.match(hold?.text ?? '', /is pinned to production-gone, which is not in the registry any more/);
  });

  it('tells an exclusion in Git by the line of the list that takes the tag', () => {
    const list = `  exclusionList:\n    - '^.*\\.sig$'\n    - '^other$'\n    - '^${tags.production1.replaceAll('.', '\\.')}$'\n`;
    const files = { ...shopFiles(), [listFile]: `${shopFiles()[listFile]}${list}` };
    const facts = withCommits({ ...shopFacts({ files }), clusters: new Map() }, 'Keep it away');
    const [hold] = holdsOf(facts);
    assert.deepEqual(
      [hold?.kind, hold?.tags, hold?.declaredAt?.line, hold?.reason],
      ['excluded', [tags.production1], 12, 'Keep it away'],
    );
  });

  it('tells a suspension in Git from one that only the cluster has', () => {
    const which = 'ImageUpdateAutomation production/backend';
    const time = new Date(now - 3 * minute).toISOString();
    const fieldsV1 = { 'f:spec': { 'f:suspend': {} } };
    const managedFields = [{ manager: 'flux', operation: 'Update', time, fieldsV1 }];
    const objects = editObject(suspendedObject(which), which, (object) => ({
      ...object,
      metadata: { ...(object['metadata'] as object), managedFields },
    }));
    const [onlyThere] = holdsOf(shopFacts({ objects }));
    assert.deepEqual(
      [onlyThere?.kind, onlyThere?.declaredAt, onlyThere?.manager, onlyThere?.since],
      ['suspended', undefined, 'flux', now - 3 * minute],
    );
    const files = filesWith(policyFile, 'interval: 5s\n', 'interval: 5s\n  suspend: true\n');
    const [declared] = holdsOf(shopFacts({ files, objects }));
    assert.deepEqual([declared?.declaredAt?.line, declared?.manager], [22, undefined]);
  });

  it('finds a marker that is gone by the policy that nobody writes any more', () => {
    const facts = withCommits(shopFacts({ files: filesWith(tagFile, / # .*/, '') }), 'Hold it by hand');
    const [hold] = holdsOf(facts);
    assert.deepEqual(
      [hold?.kind, hold?.object.name, hold?.declaredAt?.file, hold?.reason],
      ['unmarked', 'backend', tagFile, 'Hold it by hand'],
    );
    const [placement] = deriveFleet(facts).environments.find(({ name }) => name === 'production')?.placements ?? [];
    assert.equal(valueOf(placement?.selected)?.tag, tags.production1);
    assert.equal(placement?.automation?.name, 'backend');
  });

  it('does not call a tag unmarked whose policy writes elsewhere, or that has none', () => {
    const elsewhere = filesWith(tagFile, / # .*/, '');
    elsewhere['apps/production/other.yaml'] = 'kind: X\ntag: a # {"$imagepolicy": "production:backend:tag"}\n';
    assert.deepEqual(holdsOf(shopFacts({ files: elsewhere })), []);
    const without = filesWith(tagFile, / # .*/, '');
    without[policyFile] = '';
    assert.deepEqual(holdsOf(shopFacts({ files: without })), []);
  });
});
