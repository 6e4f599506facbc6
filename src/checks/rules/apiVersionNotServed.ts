import { scalarAt } from '../../manifests/documents';
import type { FluxKind } from '../../model/flux';
import { rewriteScalar } from '../fix';
import type { Rule } from '../rule';

export const apiVersionNotServed: Rule = {
  id: 'api-version-not-served',
  severity: 'error',
  summary: 'An API version that the Flux release does not serve.',
  protects:
    'The API server refuses a version that the release’s CRDs do not serve: `no matches for kind`, and the whole Kustomization fails. Image kinds are served as v1beta2 up to Flux 2.8 and as v1 from 2.7 on.',
  check: (subject) => {
    const { minors, isDeclared } = subject.repository.fluxMinors();
    return subject.documents.flatMap(({ document, own }) => {
      const scalar = scalarAt(document, ['apiVersion']);
      const [group = '', version = ''] = scalar?.text.split('/') ?? [];
      if (scalar === undefined || minors.some((minor) => served(own.kind, minor).includes(version))) return [];
      const newest = Math.max(...minors);
      const canMove = version === 'v1beta2' && isImageKind(own.kind) && minors.every((minor) => minor >= 7);
      return [
        {
          range: scalar.range,
          ...(isDeclared ? {} : { severity: 'warning' as const }),
          message: `Flux 2.${newest} does not serve ${own.kind} as ${version}, and the API server refuses this object. Use ${served(own.kind, newest).join(' or ')}, or set fluxPromote.fluxVersion to the release that runs.`,
          fixes: canMove
            ? [
                rewriteScalar(subject, {
                  title: `Use ${group}/v1`,
                  range: scalar.range,
                  value: `${group}/v1`,
                  isSafe: true,
                }),
              ]
            : [],
        },
      ];
    });
  },
};

function isImageKind(kind: FluxKind['kind']): boolean {
  return kind === 'ImageRepository' || kind === 'ImagePolicy' || kind === 'ImageUpdateAutomation';
}

/** The CRDs of image-reflector-, image-automation-, source- and kustomize-controller by release of Flux. */
function served(kind: FluxKind['kind'], minor: number): readonly string[] {
  if (!isImageKind(kind)) {
    if (minor >= 8) return ['v1'];
    return minor === 7 ? ['v1', 'v1beta2'] : ['v1', 'v1beta2', 'v1beta1'];
  }
  if (minor >= 9) return ['v1'];
  if (minor >= 7) return ['v1', 'v1beta2'];
  return kind === 'ImageUpdateAutomation' && minor < 3 ? ['v1beta1'] : ['v1beta2', 'v1beta1'];
}
