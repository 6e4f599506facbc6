import { describe, it } from 'mocha';
import { check, imageRepository, policy } from './check';

function filter(pattern: string, rest = '  policy:\n    alphabetical: {}\n'): string {
  return policy('app', `  filterTags:\n    pattern: ${pattern}\n${rest}`);
}

describe('pattern-refused', () => {
  it('names Go’s code at the exact place, past quotes and escapes', () => {
    check('pattern-refused', {
      files: { 'a.yaml': filter("'^«(?!»latest).*$'") },
      says: ['error parsing regexp: invalid or unsupported Perl syntax: `(?!`'],
      fixed: null,
    });
    check('pattern-refused', {
      files: { 'a.yaml': filter("'it''s a«**»'") },
      says: ['invalid nested repetition operator'],
    });
    check('pattern-refused', {
      files: { 'a.yaml': filter('"\\\\d\\x41«\\\\8»"') },
      says: ['invalid escape sequence: `\\8`'],
    });
    check('pattern-refused', { files: { 'a.yaml': filter('^v«(»a') }, says: ['missing closing ): `^v(a`'] });
    check('pattern-refused', {
      files: {
        'a.yaml': filter('>-\n      ^v(a\n').replace('>-\n      ^v(a\n', '«>-\n      ^v(a\n»'),
      },
    });
  });

  it('repairs what cannot be meant otherwise', () => {
    check('pattern-refused', { files: { 'a.yaml': filter("'^v[0-9]+«\\Z»'") }, fixed: "pattern: '^v[0-9]+$'" });
    check('pattern-refused', {
      files: { 'a.yaml': filter("'^«(?<»ts>[0-9]+)$'") },
      settings: { fluxVersion: '2.2' },
      fixed: "pattern: '^(?P<ts>[0-9]+)$'",
    });
    check('pattern-refused', { files: { 'a.yaml': filter("'^(?<ts>[0-9]+)$'") } });
  });

  it('reads exclusion lists too', () => {
    check('pattern-refused', {
      files: { 'a.yaml': imageRepository("  exclusionList:\n    - '^.*\\.sig$'\n    - '«(»beta'\n") },
      says: ['Every scan fails'],
    });
  });

  it('is silent on what is filled in later, and on other kinds', () => {
    check('pattern-refused', { files: { 'a.yaml': filter("'^${BRANCH}-(?!x)'") } });
    check('pattern-refused', { files: { 'a.yaml': filter("'^v(?!x)'").replace('ImagePolicy', 'Receiver') } });
  });
});

describe('extract-unknown-group', () => {
  const pattern = "'^main-[a-f0-9]+-(?P<ts>[0-9]+)$'";
  const extract = (text: string, rest = '  policy:\n    alphabetical: {}\n'): string =>
    filter(pattern, `    extract: ${text}\n${rest}`);

  it('marks the reference and offers the group that is meant', () => {
    check('extract-unknown-group', {
      files: { 'a.yaml': extract("'«$timestamp»'") },
      says: ['no group timestamp'],
      fixed: "extract: '$ts'",
    });
    check('extract-unknown-group', { files: { 'a.yaml': extract('$ts-«$2»') }, fixed: 'extract: $ts-$ts' });
  });

  it('shows what the known tags give', () => {
    check('extract-unknown-group', {
      files: { 'a.yaml': extract('«$timestamp»'), 'b.yaml': imageRepository() },
      options: { knownTags: () => ['main-ccc-1', 'main-aaa-3', 'main-bbb-2'] },
      evidence: ['main-aaa-3'],
    });
  });

  it('is silent on groups that exist, on text and on broken patterns', () => {
    for (const fine of ['$ts', '${ts}', '$1', '$0', "'$$ts'", 'v$ts', "''"])
      check('extract-unknown-group', { files: { 'a.yaml': extract(fine) } });
    check('extract-unknown-group', { files: { 'a.yaml': filter("'^${B}-(x)'", '    extract: $2\n') } });
  });
});
