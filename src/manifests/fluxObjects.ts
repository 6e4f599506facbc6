// Flux's kinds in every served version (v1, v1beta2, v1beta1), from plain JSON of the API or of a manifest.
// Tolerant of what is missing: a document that a kustomize patch completes is not broken. Defaults are the CRDs'.
import { parseDuration } from '../model/duration';
import type {
  FluxKind,
  FluxObject,
  GitRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  KustomizationImage,
  LatestRef,
  Meta,
  ObjectReference,
  PolicyChoice,
} from '../model/flux';
import { parseImage } from '../model/image';
import { optional } from '../model/optional';
import { at, filledTextAt, isFields, listAt, numberAt, textAt, textsAt, timeAt } from './fields';
import { decodeLabelSelector } from './labelRequirements';
import { decodeConditions, decodeMeta } from './metadata';
import { securePath } from './tree';

const groupOf: Readonly<Record<FluxKind['kind'], string>> = {
  GitRepository: 'source.toolkit.fluxcd.io',
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  ImageRepository: 'image.toolkit.fluxcd.io',
  ImagePolicy: 'image.toolkit.fluxcd.io',
  ImageUpdateAutomation: 'image.toolkit.fluxcd.io',
};

function isFluxKind(kind: string | undefined): kind is FluxKind['kind'] {
  return kind !== undefined && Object.hasOwn(groupOf, kind);
}

/** `{kind, group, version}` of a Flux object of one of our kinds; a kustomize `Kustomization` is none. */
export function fluxTypeOf(value: unknown): { readonly kind: FluxKind['kind']; readonly version: string } | undefined {
  const kind = textAt(value, 'kind');
  const [group, version] = (textAt(value, 'apiVersion') ?? '').split('/');
  if (!isFluxKind(kind) || groupOf[kind] !== group || version === undefined) return undefined;
  return { kind, version };
}

/**
 * The object with its defaults filled in; undefined when it is of another kind or has no name.
 * Takes the namespace that a Flux Kustomization gives it (`targetNamespace`), if any, as `fallbackNamespace`.
 */
export function decodeFluxObject(value: unknown, fallbackNamespace = ''): FluxKind | undefined {
  const type = fluxTypeOf(value);
  const meta = decodeMeta(value, fallbackNamespace);
  if (type === undefined || meta === undefined) return undefined;
  const common = decodeCommon(value, meta);
  switch (type.kind) {
    case 'GitRepository':
      return decodeGitRepository(value, common);
    case 'Kustomization':
      return decodeKustomization(value, common);
    case 'ImageRepository':
      return decodeImageRepository(value, common);
    case 'ImagePolicy':
      return decodeImagePolicy(value, common);
    case 'ImageUpdateAutomation':
      return decodeImageUpdateAutomation(value, common);
    default:
      return undefined;
  }
}

function decodeCommon(value: unknown, meta: Meta): FluxObject {
  return {
    meta,
    isSuspended: at(value, 'spec', 'suspend') === true,
    observedGeneration: numberAt(value, 'status', 'observedGeneration') ?? -1,
    conditions: decodeConditions(value),
    ...optional('lastHandledReconcileAt', textAt(value, 'status', 'lastHandledReconcileAt')),
  };
}

function durationAt(value: unknown, ...path: readonly string[]): number | undefined {
  const text = textAt(value, ...path);
  return text === undefined ? undefined : parseDuration(text);
}

function decodeReference(
  value: unknown,
  defaults: { readonly kind: string; readonly namespace: string },
): ObjectReference {
  return {
    kind: filledTextAt(value, 'kind') ?? defaults.kind,
    name: textAt(value, 'name') ?? '',
    namespace: filledTextAt(value, 'namespace') ?? defaults.namespace,
  };
}

function decodeGitRepository(value: unknown, common: FluxObject): GitRepository {
  const ref = at(value, 'spec', 'ref');
  const revision = textAt(value, 'status', 'artifact', 'revision');
  return {
    kind: 'GitRepository',
    ...common,
    url: textAt(value, 'spec', 'url') ?? '',
    ref: {
      ...optional('branch', filledTextAt(ref, 'branch')),
      ...optional('tag', filledTextAt(ref, 'tag')),
      ...optional('semver', filledTextAt(ref, 'semver')),
      ...optional('name', filledTextAt(ref, 'name')),
      ...optional('commit', filledTextAt(ref, 'commit')),
    },
    intervalMs: durationAt(value, 'spec', 'interval') ?? 0,
    ...optional(
      'artifact',
      revision === undefined
        ? undefined
        : { revision, ...optional('updatedAt', timeAt(value, 'status', 'artifact', 'lastUpdateTime')) },
    ),
  };
}

function decodeKustomization(value: unknown, common: FluxObject): Kustomization {
  const { namespace } = common.meta;
  const intervalMs = durationAt(value, 'spec', 'interval') ?? 0;
  return {
    kind: 'Kustomization',
    ...common,
    path: securePath(textAt(value, 'spec', 'path') ?? ''),
    sourceRef: decodeReference(at(value, 'spec', 'sourceRef'), { kind: 'GitRepository', namespace }),
    ...optional('targetNamespace', filledTextAt(value, 'spec', 'targetNamespace')),
    ...(at(value, 'spec', 'kubeConfig') === undefined ? {} : { isRemote: true }),
    images: listAt(value, 'spec', 'images').flatMap((image) => decodeKustomizationImage(image) ?? []),
    dependsOn: listAt(value, 'spec', 'dependsOn').map((reference) =>
      decodeReference(reference, { kind: 'Kustomization', namespace }),
    ),
    waits: at(value, 'spec', 'wait') === true,
    intervalMs,
    // kustomize-controller GetTimeout: the interval less 30 s, and never under 30 s.
    timeoutMs: Math.max(durationAt(value, 'spec', 'timeout') ?? intervalMs - 30_000, 30_000),
    ...optional('lastAppliedRevision', filledTextAt(value, 'status', 'lastAppliedRevision')),
    ...optional('lastAttemptedRevision', filledTextAt(value, 'status', 'lastAttemptedRevision')),
    ...optional('lastReconciledAt', timeAt(listAt(value, 'status', 'history')[0], 'lastReconciled')),
    ...optional('lastReconciledStatus', filledTextAt(listAt(value, 'status', 'history')[0], 'lastReconciledStatus')),
    inventory: listAt(value, 'status', 'inventory', 'entries').flatMap((entry) => textAt(entry, 'id') ?? []),
  };
}

function decodeKustomizationImage(image: unknown): KustomizationImage | undefined {
  const name = textAt(image, 'name');
  if (name === undefined) return undefined;
  return {
    name,
    ...optional('newName', filledTextAt(image, 'newName')),
    ...optional('newTag', filledTextAt(image, 'newTag')),
    ...optional('digest', filledTextAt(image, 'digest')),
  };
}

/** What image-reflector-controller excludes when the list is missing or empty. */
export const defaultExclusionList: readonly string[] = ['^.*\\.sig$'];

function decodeImageRepository(value: unknown, common: FluxObject): ImageRepository {
  const exclusionList = textsAt(value, 'spec', 'exclusionList');
  const scan = at(value, 'status', 'lastScanResult');
  return {
    kind: 'ImageRepository',
    ...common,
    image: textAt(value, 'spec', 'image') ?? '',
    intervalMs: durationAt(value, 'spec', 'interval') ?? 0,
    isInsecure: at(value, 'spec', 'insecure') === true,
    exclusionList: exclusionList.length === 0 ? defaultExclusionList : exclusionList,
    ...optional(
      'lastScan',
      isFields(scan)
        ? {
            ...optional('at', timeAt(scan, 'scanTime')),
            tagCount: numberAt(scan, 'tagCount') ?? 0,
            ...optional('revision', filledTextAt(scan, 'revision')),
          }
        : undefined,
    ),
  };
}

function decodeImagePolicy(value: unknown, common: FluxObject): ImagePolicy {
  const filter = at(value, 'spec', 'filterTags');
  const policy = at(value, 'spec', 'policy');
  const reflection = textAt(value, 'spec', 'digestReflectionPolicy');
  return {
    kind: 'ImagePolicy',
    ...common,
    repositoryRef: decodeReference(at(value, 'spec', 'imageRepositoryRef'), {
      kind: 'ImageRepository',
      namespace: common.meta.namespace,
    }),
    spec: {
      ...optional(
        'filterTags',
        isFields(filter)
          ? { ...optional('pattern', textAt(filter, 'pattern')), ...optional('extract', textAt(filter, 'extract')) }
          : undefined,
      ),
      ...optional('policy', isFields(policy) ? decodeChoice(policy) : undefined),
    },
    digestReflectionPolicy: reflection === 'Always' || reflection === 'IfNotPresent' ? reflection : 'Never',
    ...optional('latestRef', decodeLatestRef(at(value, 'status'))),
  };
}

function decodeChoice(policy: unknown): PolicyChoice {
  const [semver, alphabetical, numerical] = ['semver', 'alphabetical', 'numerical'].map((key) => at(policy, key));
  return {
    ...optional('semver', isFields(semver) ? { range: textAt(semver, 'range') ?? '' } : undefined),
    ...optional('alphabetical', isFields(alphabetical) ? optional('order', textAt(alphabetical, 'order')) : undefined),
    ...optional('numerical', isFields(numerical) ? optional('order', textAt(numerical, 'order')) : undefined),
  };
}

/** `status.latestRef`, or `status.latestImage` (`name:tag`) as image-reflector-controller wrote it up to 0.34. */
function decodeLatestRef(status: unknown): LatestRef | undefined {
  const name = filledTextAt(status, 'latestRef', 'name');
  const tag = filledTextAt(status, 'latestRef', 'tag');
  if (name !== undefined && tag !== undefined) {
    return { name, tag, ...optional('digest', filledTextAt(status, 'latestRef', 'digest')) };
  }
  const image = filledTextAt(status, 'latestImage');
  const reference = image === undefined ? undefined : parseImage(image);
  return reference?.tag === undefined
    ? undefined
    : { name: reference.name, tag: reference.tag, ...optional('digest', reference.digest) };
}

function decodeImageUpdateAutomation(value: unknown, common: FluxObject): ImageUpdateAutomation {
  const git = at(value, 'spec', 'git');
  const email = textAt(git, 'commit', 'author', 'email');
  return {
    kind: 'ImageUpdateAutomation',
    ...common,
    sourceRef: decodeReference(at(value, 'spec', 'sourceRef'), {
      kind: 'GitRepository',
      namespace: common.meta.namespace,
    }),
    ...optional('checkoutBranch', filledTextAt(git, 'checkout', 'ref', 'branch')),
    ...optional('pushBranch', filledTextAt(git, 'push', 'branch')),
    ...optional(
      'author',
      email === undefined ? undefined : { email, ...optional('name', filledTextAt(git, 'commit', 'author', 'name')) },
    ),
    updatePath: securePath(textAt(value, 'spec', 'update', 'path') ?? ''),
    ...optional('policySelector', decodeLabelSelector(at(value, 'spec', 'policySelector'))),
    intervalMs: durationAt(value, 'spec', 'interval') ?? 0,
    ...optional('lastRunAt', timeAt(value, 'status', 'lastAutomationRunTime')),
    ...optional('lastPushCommit', filledTextAt(value, 'status', 'lastPushCommit')),
    ...optional('lastPushAt', timeAt(value, 'status', 'lastPushTime')),
  };
}
