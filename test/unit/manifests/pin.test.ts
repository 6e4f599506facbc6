import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseDocuments } from '../../../src/manifests/documents';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { editPin, editUnpin, literalTag, pinAnnotation, pinOf } from '../../../src/manifests/pin';

function policy(spec: string, annotations = ''): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend # of the shop
  namespace: production
${annotations}spec:
  imageRepositoryRef:
    name: backend
${spec}`;
}

const filtered = policy(`  filterTags:
    pattern: '^v(?P<n>[0-9]+)$' # builds
    extract: $n
  policy:
    numerical:
      order: asc
`);
const bare = policy("  policy:\n    semver:\n      range: '>=1.0.0'\n");

function pinIn(text: string) {
  const object = decodeFluxObject(parseDocuments('', text).documents[0]?.value);
  assert.ok(object?.kind === 'ImagePolicy');
  return pinOf(object);
}

describe('pin', () => {
  for (const [name, text, pattern, before, tag] of [
    ['with a pattern', filtered, '^v(?P<n>7)$', '^v(?P<n>[0-9]+)$', 'v7'],
    ['without one', bare, '^1\\.2\\.3$', '', '1.2.3'],
  ] as const) {
    it(`keeps the original beside it and gives it back: ${name}`, () => {
      const pinned = editPin(text, 0, pattern);
      assert.ok(pinned !== undefined);
      assert.deepEqual(pinIn(pinned), { tag, before });
      assert.equal(editUnpin(pinned, 0, before), text);
    });

    it(`keeps the first original under a second pin: ${name}`, () => {
      const twice = editPin(editPin(text, 0, pattern) ?? '', 0, '^other$');
      assert.deepEqual(pinIn(twice ?? ''), { tag: 'other', before });
    });
  }

  it('does not believe an annotation beside a pattern that somebody has widened again', () => {
    const widened = (editPin(filtered, 0, '^v(?P<n>7)$') ?? '').replace('(?P<n>7)', '(?P<n>[0-9]*)');
    assert.equal(pinIn(widened), undefined);
    const again = editPin(widened, 0, '^v(?P<n>8)$') ?? '';
    assert.deepEqual(pinIn(again), { tag: 'v8', before: '^v(?P<n>[0-9]*)$' });
  });

  it('leaves the annotations of others, and edits nothing but an ImagePolicy', () => {
    const text = policy('  policy:\n    alphabetical: {}\n', '  annotations:\n    team: shop\n');
    const pinned = editPin(text, 0, '^a$') ?? '';
    assert.match(pinned, new RegExp(`team: shop\n    ${pinAnnotation}: ''\n`));
    assert.equal(editUnpin(pinned, 0, ''), text);
    assert.equal(editPin(text.replace('ImagePolicy', 'ImageRepository'), 0, '^a$'), undefined);
  });

  it("knows other people's pins", () => {
    const exact = bare.replace('>=1.0.0', '1.2.3');
    assert.deepEqual(pinIn(exact), { version: '1.2.3' });
    assert.deepEqual(pinIn(filtered.replace('[0-9]+', '7')), { tag: 'v7' });
  });

  it('tells one tag from many', () => {
    const one = { '^a\\.b-(?P<x>1)(?:2)$': 'a.b-12', '^()a$': 'a' };
    for (const [pattern, tag] of Object.entries(one)) assert.equal(literalTag(pattern), tag);
    for (const many of ['a$', '^a', '^a.b$', '^a|b$', '^(a)?$', '^[ab]$', '^a{1}$', '^(?i)a$', '$^']) {
      assert.equal(literalTag(many), undefined, many);
    }
  });
});
