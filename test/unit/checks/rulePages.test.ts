import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatRulePages, readRulePage } from '../../../scripts/ruleIndex';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkRepository } from '../../../src/checks/checkFile';
import { rules } from '../../../src/checks/rules';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';

describe('rule pages', () => {
  it('are what scripts/ruleIndex.ts writes', () => {
    for (const [name, text] of formatRulePages(rules, readRulePage)) assert.equal(readRulePage(name), text, name);
  });

  it('list the rules in order, each once', () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].toSorted());
  });

  for (const { id } of rules) {
    it(`show ${id} wrong and right`, () => {
      const page = readRulePage(`${id}.md`) ?? '';
      assert.ok(findingsOf(exampleOf(page, 'Wrong')).includes(id), `${id} is found in the wrong example`);
      assert.deepEqual(findingsOf(exampleOf(page, 'Right')), [], 'nothing is found in the right example');
    });
  }
});

function exampleOf(page: string, heading: string): string {
  const section = page.slice(page.indexOf(`## ${heading}\n`));
  return /```yaml\n(.*?)```/s.exec(section)?.[1] ?? '';
}

/** `# file: a/b.yaml` begins a file. Tags that a registry would tell: `# tags: a b c`. */
function findingsOf(example: string): readonly string[] {
  const parts = example.split(/^# file: (.+)\n/m);
  const files: Record<string, string> = parts.length === 1 ? { 'example.yaml': example } : {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ''] = parts[index + 1] ?? '';
  const tags = /^# tags: (.+)$/m.exec(example)?.[1]?.split(' ');
  const tree = treeOf(files);
  const options = { knownTags: () => tags };
  const repository = createCheckedRepository(tree, readManifests(tree), defaultSettings, options);
  return [...new Set(checkRepository(repository).map(({ rule }) => rule))];
}
