import { proveOverlap } from '../../policy/prove';
import { readKeyPattern } from '../keyPattern';
import { compileWith, policiesOf, rangeField } from '../policyFields';
import type { Rule } from '../rule';

export const semverKeyNoVersion: Rule = {
  id: 'semver-key-no-version',
  severity: 'error',
  summary: 'A semver policy whose keys can never be versions.',
  protects:
    'Flux skips what is no version without a word: a key needs three numbers between dots, with nothing but a `v` before them. When none is left the policy fails with `unable to determine latest version from provided list`.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = rangeField(policy);
      const [form] = field?.forms ?? [];
      if (field === undefined || form?.spec.filterTags?.pattern === undefined) return [];
      const compile = compileWith(subject);
      const shape = readKeyPattern(form.spec, compile, subject.repository.budget);
      // More than all versions: `1-rc.1.2` is one too.
      const versions = compile('^v?[0-9][0-9A-Za-z-]*\\.[0-9A-Za-z-]*\\.[0-9A-Za-z.-]*$');
      if (shape === undefined || versions.kind !== 'pattern') return [];
      if (!('disjoint' in proveOverlap(shape.keys, versions, subject.repository.budget))) return [];
      return [
        {
          range: field.scalar.range,
          message:
            'No tag that passes the filter gives a version of three numbers, so nothing is ever selected. Put a group around the version in the pattern and name it in extract, or order by numerical or alphabetical.',
        },
      ];
    }),
};
