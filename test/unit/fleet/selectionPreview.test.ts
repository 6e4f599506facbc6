import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { listSelection, previewSelection, type SelectionQuestion } from '../../../src/fleet/selectionPreview';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { compilePattern } from '../../../src/policy/pattern';

const tags = ['production-v1-10', 'production-v1-9', 'production-v2-9', 'production-x', 'staging-v1-11', 'a.sig'];

function ask(spec: object, changes: Partial<SelectionQuestion> = {}) {
  const policy = decodeFluxObject({
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'backend', namespace: 'flux-system' },
    spec: { imageRepositoryRef: { name: 'backend' }, ...spec },
  });
  assert.equal(policy?.kind, 'ImagePolicy');
  const question = { policy, exclusionList: [], tags, selected: [], flux: '2.9', compile: compilePattern };
  return previewSelection({ ...question, ...changes });
}

const newest = {
  filterTags: { pattern: '^production-v[0-9]+-(?P<ts>[0-9]+)$', extract: '$ts' },
  policy: { numerical: { order: 'asc' } },
};

describe('what a policy would select', () => {
  it('says the tag and of how many', () => {
    assert.equal(ask(newest).text, 'selects production-v1-10 of 6 tags');
    assert.equal(ask(newest, { selected: ['production-v1-10'] }).text, 'selects production-v1-10 of 6 tags');
  });

  it('says what the cluster selects where that is another tag', () => {
    assert.equal(
      ask(newest, { selected: ['production-x'] }).text,
      'selects production-x of 6 tags · would select production-v1-10',
    );
    assert.equal(
      ask(newest, { selected: ['production-x', 'production-v1-10', 'production-x'] }).text,
      'selects production-x or production-v1-10 of 6 tags · would select production-v1-10',
    );
  });

  it("gives Flux's own error", () => {
    const broken = { filterTags: { pattern: '(' }, policy: { alphabetical: {} } };
    const text = "failed to filter tags: invalid regular expression pattern '(': ";
    const error = 'error parsing regexp: missing closing ): `(`';
    assert.equal(ask(broken).text, `selects nothing of 6 tags: ${text}${error}`);
    assert.equal(
      ask(broken, { selected: ['production-x'] }).text,
      `selects production-x of 6 tags · would fail: ${text}${error}`,
    );
  });

  it('names those that rank the same', () => {
    const numbers = { filterTags: { pattern: '^n(?P<n>.+)$', extract: '$n' }, policy: { numerical: {} } };
    const { text } = ask(numbers, { tags: ['n1', 'n1.0'] });
    assert.equal(text, 'selects, of 2 tags, any of n1.0, n1: they rank the same');
  });

  it('says that no tags are known, and keeps what the cluster says', () => {
    assert.equal(ask(newest, { tags: undefined }).text, 'no tags known: open the Environments view');
    assert.equal(
      ask(newest, { tags: [], selected: ['one'] }).text,
      'selects one · no tags known: open the Environments view',
    );
    assert.equal(ask(newest, { tags: undefined }).selection, undefined);
  });

  it('judges no pattern that is filled in later', () => {
    const variable = { ...newest, filterTags: { pattern: '^${ENVIRONMENT}-' } };
    assert.equal(ask(variable).selection, undefined);
    assert.match(ask(variable).text, /^variables are filled in later/);
  });

  it('counts one tag as one', () => {
    assert.equal(ask(newest, { tags: ['production-v1-1'] }).text, 'selects production-v1-1 of 1 tag');
  });
});

describe('every tag of a selection', () => {
  const rowsOf = (spec: object, changes: Partial<SelectionQuestion> = {}) => {
    const { selection } = ask(spec, changes);
    assert.ok(selection);
    return listSelection(selection).map(({ tag, key, words }) => [tag, key, words].join(' | '));
  };

  it('lists the winner first, then those that took part, then why the others did not', () => {
    assert.deepEqual(rowsOf(newest), [
      'production-v1-10 | 10 | selected',
      'production-v1-9 | 9 | ranks lower',
      'production-v2-9 | 9 | has the same key as production-v1-9, which stands for both',
      'staging-v1-11 |  | does not match the pattern',
      'production-x |  | does not match the pattern',
      "a.sig |  | left out by the ImageRepository's exclusionList: ^.*\\.sig$",
    ]);
  });

  it('says what is no version, no number and out of the range', () => {
    const semver = { policy: { semver: { range: '<2' } } };
    assert.deepEqual(rowsOf(semver, { tags: ['1.0.0', '2.0.0', 'main'] }), [
      '1.0.0 |  | selected',
      'main |  | its key is no semantic version',
      '2.0.0 |  | its version is not in the range',
    ]);
    const numerical = { policy: { numerical: {} }, filterTags: { pattern: '.', extract: '' } };
    assert.match(rowsOf(numerical, { tags: ['1', 'main'] }).join('\n'), /its key is no number|not selected/);
  });

  it('says the error where nothing was looked at', () => {
    assert.match(rowsOf({ filterTags: { pattern: '(' }, policy: { alphabetical: {} } })[0] ?? '', /not looked at/);
  });
});
