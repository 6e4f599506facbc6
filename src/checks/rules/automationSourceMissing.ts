import { rangeAt, scalarAt } from '../../manifests/documents';
import { at } from '../../manifests/fields';
import type { GitRepository, ImageUpdateAutomation } from '../../model/flux';
import { ofKind } from '../declaredPolicies';
import { automationDocuments } from '../documentsOf';
import { replaceText } from '../fix';
import type { CheckSubject, FluxDocument, Rule } from '../rule';

export const automationSourceMissing: Rule = {
  id: 'automation-source-missing',
  severity: 'error',
  summary: 'An automation that names no GitRepository, or one that is in another namespace.',
  protects:
    '`sourceRef` says which repository and branch an automation writes to, and its `namespace` is the automation’s own where it is not given. A GitRepository that is not there lets every run fail: the object is Ready=False, and no tag is ever written.',
  check: (subject) => automationDocuments(subject).flatMap((automation) => checkAutomation(subject, automation)),
};

function checkAutomation(subject: CheckSubject, { document, forms }: FluxDocument<ImageUpdateAutomation>) {
  const name = scalarAt(document, ['metadata', 'name']);
  if (at(document.value, 'spec', 'sourceRef') === undefined) {
    if (name === undefined || forms.some(({ sourceRef }) => sourceRef.name !== '')) return [];
    return [
      {
        range: name.range,
        message: 'This automation has no sourceRef, which the API refuses. Name the GitRepository that it writes to.',
      },
    ];
  }
  const source = scalarAt(document, ['spec', 'sourceRef', 'name']);
  const range = rangeAt(document, ['spec', 'sourceRef', 'name']);
  if (source === undefined || range === undefined || forms.length === 0) return [];
  const repositories = ofKind<GitRepository>(subject.repository.manifests, 'GitRepository').map(({ object }) => object);
  const places = forms.map(({ sourceRef }) =>
    repositories.filter(({ meta }) => meta.name === sourceRef.name).map(({ meta }) => meta.namespace),
  );
  const isMissed = forms.every(
    ({ sourceRef }, index) => places[index]?.length !== 0 && !places[index]?.includes(sourceRef.namespace),
  );
  // A GitRepository that no file declares may have been made by `flux bootstrap` or by hand.
  if (!isMissed) return [];
  const [elsewhere = '', ...others] = new Set(places.flat());
  const own = forms[0]?.sourceRef.namespace ?? '';
  const written = scalarAt(document, ['spec', 'sourceRef', 'namespace']);
  const fix =
    written === undefined
      ? []
      : [
          replaceText(subject, {
            title: `Name the namespace ${elsewhere}`,
            isSafe: false,
            range: written.range,
            text: elsewhere,
          }),
        ];
  return [
    {
      range: written?.range ?? range,
      message: `The namespace ${own} has no GitRepository ${source.text}; it is in ${[elsewhere, ...others].join(', ')}. Every run of this automation fails. Say namespace: ${elsewhere} in sourceRef.`,
      fixes: others.length === 0 ? fix : [],
    },
  ];
}
