import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { formatRulePages, readRulePage } from '../../../scripts/ruleIndex';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkRepository } from '../../../src/checks/checkFile';
import { rules } from '../../../src/checks/rules';
import { editSilence } from '../../../src/checks/silence';
import { applyEdits } from '../../../src/manifests/edits';
import { at, textsAt } from '../../../src/manifests/fields';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Finding, Fix } from '../../../src/model/finding';
import { defaultSettings } from '../../../src/model/settings';

describe('rule pages', () => {
  it('are what scripts/ruleIndex.ts writes', () => {
    for (const [name, text] of formatRulePages(rules, readRulePage)) assert.equal(readRulePage(name), text, name);
  });

  it('are those that the setting offers', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8'));
    const offered = at(manifest, 'contributes', 'configuration', 'properties', 'fluxPromote.rules', 'propertyNames');
    assert.deepEqual(
      textsAt(offered, 'enum'),
      rules.map(({ id }) => id),
    );
  });

  it('list the rules in order, each once', () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].toSorted());
  });

  for (const { id } of rules) {
    it(`show ${id} wrong and right`, () => {
      const page = readRulePage(`${id}.md`) ?? '';
      const wrong = readExample(page, 'Wrong');
      const found = findingsOf(wrong).filter(({ rule }) => rule === id);
      assert.ok(found.length > 0, `${id} is found in the wrong example`);
      assert.deepEqual(findingsOf(readExample(page, 'Right')), [], 'nothing is found in the right example');
      for (const fix of found[0]?.fixes ?? []) {
        const left = findingsOf({ ...wrong, files: applyFix(wrong.files, fix) }).filter(({ rule }) => rule === id);
        assert.equal(left.length, found.length - 1, `${fix.title} repairs it`);
      }
    });

    it(`silence ${id} by a comment`, () => {
      const wrong = readExample(readRulePage(`${id}.md`) ?? '', 'Wrong');
      const found = findingsOf(wrong).filter(({ rule }) => rule === id);
      for (const finding of found) {
        const text = wrong.files[finding.file] ?? '';
        const edit = editSilence(finding.file, text, finding);
        assert.equal(
          edit === undefined,
          id === 'automation-removed-template-field',
          'a text has no room for a comment',
        );
        if (edit === undefined) continue;
        const files = { ...wrong.files, [finding.file]: applyEdits(text, [edit]) };
        const left = findingsOf({ ...wrong, files }).filter(({ rule }) => rule === id);
        assert.ok(left.length < found.length, 'it is silent');
      }
    });
  }
});

interface Example {
  readonly files: Readonly<Record<string, string>>;
  readonly tags: readonly string[] | undefined;
}

/** `# file: a/b.yaml` begins a file; `# tags: a b c` are what a registry would tell. */
function readExample(page: string, heading: string): Example {
  const section = page.slice(page.indexOf(`## ${heading}\n`));
  const example = /```yaml\n(.*?)```/s.exec(section)?.[1] ?? '';
  const parts = example.split(/^# file: (.+)\n/m);
  const files: Record<string, string> = parts.length === 1 ? { 'example.yaml': example } : {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ''] = parts[index + 1] ?? '';
  return { files, tags: /^# tags: (.+)$/m.exec(example)?.[1]?.split(' ') };
}

function findingsOf({ files, tags }: Example): readonly Finding[] {
  const tree = treeOf(files);
  const options = { knownTags: () => tags };
  return checkRepository(createCheckedRepository(tree, readManifests(tree), defaultSettings, options));
}

function applyFix(files: Readonly<Record<string, string>>, fix: Fix): Readonly<Record<string, string>> {
  const changed = fix.edits.map(({ file, edits }) => [file, applyEdits(files[file] ?? '', edits)] as const);
  return { ...files, ...Object.fromEntries(changed) };
}
