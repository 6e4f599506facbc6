// applied: kustomize-controller has applied the revision. Reasons: its kustomization_controller.go.
import type { Diagnosis, Fault, Steps } from '../../model/fault';
import type { Kustomization } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import type { RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { deriveBlockage } from '../blockage';
import { conditionOf } from '../objectState';
import { isBelow, keyOf } from '../placements';
import {
  type DiagnosisInput,
  diagnose,
  done,
  failedFault,
  failingCondition,
  nameOf,
  ofObject,
  pending,
  refer,
  type Trouble,
  waitingFault,
  withObject,
} from './diagnosis';
import { historyStep, reconcileStep, resumeStep } from './steps';

/** Undefined where nothing here is applied by Flux at all. */
export function diagnoseApplied(input: DiagnosisInput): Diagnosis | undefined {
  const { live, placement } = input;
  if (placement.kustomization === undefined) {
    const orphan = unapplied(input);
    return orphan && diagnose(orphan);
  }
  const missing = { code: 'kustomization-missing', kind: 'Kustomization', reference: placement.kustomization } as const;
  return withObject(live.kustomization, missing, placement, (kustomization, state) => {
    const common = ofObject(kustomization);
    if (kustomization.isSuspended) {
      const steps: Steps = [resumeStep(refer(kustomization)), ...common.steps];
      const remedy = 'Resume it: nothing from Git reaches the cluster before.';
      return diagnose(
        failedFault('kustomization-suspended', 'the Kustomization is suspended', { ...common, steps, remedy }),
      );
    }
    const moved = elsewhere(input, kustomization);
    if (moved !== undefined) return diagnose(moved);
    if (state.state === 'failed') return diagnose(failing(input, kustomization, state));
    const override = overridden(input, kustomization) ?? missed(input);
    if (override !== undefined) return diagnose(override);
    const artifact = valueOf(live.gitRepository)?.artifact?.revision;
    const stuck = blocked(kustomization, artifact);
    if (stuck !== undefined) return diagnose(stuck);
    if (state.state === 'progressing') return pending('apply-pending', kustomization, state, kustomization.timeoutMs);
    if (artifact === undefined || kustomization.lastAppliedRevision === artifact) return done;
    const steps: Steps = [reconcileStep(refer(kustomization)), ...common.steps];
    const remedy = {
      text: 'Wait: it starts by itself when its source has something new.',
      command: 'reconcileNow',
    } as const;
    return diagnose(waitingFault('apply-pending', `applying ${artifact}`, { ...common, steps, remedy }));
  });
}

const troubles: Readonly<Record<string, Trouble>> = {
  BuildFailed: {
    code: 'build-failed',
    remedy: 'Mend the manifests as the message says; `kustomize build` says the same here.',
  },
  ReconciliationFailed: { code: 'apply-failed', remedy: 'Mend the object that the API server refuses.' },
  PruneFailed: { code: 'prune-failed', remedy: 'See why the object that left Git cannot be deleted.' },
  HealthCheckFailed: {
    code: 'health-failed',
    remedy: 'See the object that the message names: it is applied, and does not become ready.',
  },
  ArtifactFailed: { code: 'artifact-failed', remedy: 'Mend `spec.path`, and see whether its source is ready.' },
};

function failing(
  input: DiagnosisInput,
  kustomization: Kustomization,
  state: { readonly reason: string; readonly since?: number },
): Fault {
  const common = ofObject(kustomization);
  const reason = failingCondition(kustomization)?.reason ?? '';
  if (reason === 'DependencyNotReady') return dependency(input, kustomization, state.reason);
  const known = troubles[reason] ?? { code: 'kustomization-failed', remedy: 'See what the message names.' };
  return failedFault(known.code, state.reason, { ...common, since: state.since, remedy: known.remedy });
}

/** What it waits for is named with its own trouble: that is what has to be mended. */
function dependency({ live }: DiagnosisInput, kustomization: Kustomization, text: string): Fault {
  const all = valueOf(live.kustomizations) ?? [];
  const evidence = kustomization.dependsOn.map((wanted) => {
    const found = all.find(({ meta }) => keyOf(meta) === keyOf(wanted));
    const condition = found && (failingCondition(found) ?? conditionOf(found.conditions, 'Ready'));
    const says =
      found === undefined
        ? 'does not exist'
        : found.isSuspended
          ? 'is suspended'
          : (condition?.message ?? 'says nothing');
    return { of: nameOf({ ...wanted, kind: 'Kustomization' }), text: says, ...optional('at', condition?.since) };
  });
  const common = ofObject(kustomization);
  const remedy = 'Mend what it depends on; it follows by itself.';
  return failedFault('dependency-waiting', text, {
    ...common,
    evidence: [...common.evidence, ...evidence],
    since: failingCondition(kustomization)?.since,
    remedy,
  });
}

/** kustomize-controller looks at no newer revision while it waits for the health of an older one. */
function blocked(kustomization: Kustomization, artifact: string | undefined): Fault | undefined {
  const blockage = deriveBlockage(kustomization);
  if (blockage === undefined || artifact === undefined || blockage.revision === undefined) return undefined;
  const common = ofObject(kustomization);
  const since = conditionOf(kustomization.conditions, 'Healthy')?.since;
  const usualMs = kustomization.timeoutMs;
  if (blockage.revision === artifact) {
    const remedy = 'Wait: everything is applied, and what it started has to become ready.';
    return waitingFault('health-waiting', 'waits for the health of what it has applied', {
      ...common,
      since,
      usualMs,
      remedy,
    });
  }
  return waitingFault(
    'health-older-revision',
    `waits for the health of ${blockage.revision}, and does not look at ${artifact} before`,
    {
      ...common,
      since,
      usualMs,
      remedy: `It gives up after its timeout. Make the older revision healthy, or go back with the emergency undo of Roll Back.`,
    },
  );
}

/** Its path in the cluster holds the file no more. */
function elsewhere({ placement }: DiagnosisInput, kustomization: Kustomization): Fault | undefined {
  const { root } = placement;
  if (root === undefined || root === kustomization.path) return undefined;
  return failedFault(
    'kustomization-path',
    `the Kustomization applies ./${kustomization.path}, the tag is built from ./${root}`,
    {
      ...ofObject(kustomization),
      remedy: `Let its \`spec.path\` be ./${root}, as Git declares it.`,
    },
  );
}

const declaring = new WeakMap<RepositoryManifests, boolean>();

/** Asked for every placement, and the same of all of a clone. */
function declaresKustomization(manifests: RepositoryManifests): boolean {
  const known = declaring.get(manifests) ?? manifests.objects.some(({ object }) => object.kind === 'Kustomization');
  declaring.set(manifests, known);
  return known;
}

/** The line is marked, other folders are applied from this repository, and this one is not. */
function unapplied({ placement, content, live }: DiagnosisInput): Fault | undefined {
  const file = placement.marker?.file;
  const manifests = valueOf(content)?.manifests;
  if (file === undefined || manifests === undefined || !declaresKustomization(manifests)) return undefined;
  if (live.kustomizations.state !== 'known') return undefined;
  const source = placement.automation?.object.sourceRef;
  const isApplied = live.kustomizations.value.some(
    ({ path, sourceRef }) => isBelow(file, path) && (source === undefined || keyOf(source) === keyOf(sourceRef)),
  );
  if (isApplied) return undefined;
  return failedFault('kustomization-path', `no Kustomization applies ${file}`, {
    place: { file, ...optional('line', placement.marker?.line) },
    remedy: 'Let the `spec.path` of a Flux Kustomization hold it, or name it in the resources of one that is applied.',
    steps: [{ what: 'See what is applied', command: 'flux get kustomizations -A' }, historyStep(file)],
  });
}

/** `spec.images` of the Flux Kustomization goes over the overlay's entry of the same name. */
function overridden({ placement, written }: DiagnosisInput, kustomization: Kustomization): Fault | undefined {
  const entry = kustomization.images.find(({ name }) => canonicalImage(name) === canonicalImage(placement.image));
  const tag = entry?.newTag ?? entry?.digest;
  if (entry === undefined || tag === undefined || placement.marker === undefined || tag === valueOf(written)?.tag)
    return undefined;
  return failedFault(
    'image-override-beats',
    `\`spec.images\` of the Kustomization puts ${tag} over the tag that is written`,
    {
      ...ofObject(kustomization),
      place: { file: placement.marker.file, line: placement.marker.line },
      remedy: `Take ${entry.name} out of the Kustomization's \`spec.images\`.`,
    },
  );
}

/** A marked tag that replaces nothing in the build: the entry's name is not the image's. Flux says nothing of it. */
function missed({ placement, content }: DiagnosisInput): Fault | undefined {
  const manifests = valueOf(content)?.manifests;
  if (placement.marker !== undefined || placement.policyReference !== undefined || manifests === undefined)
    return undefined;
  const root = manifests.roots.find(
    ({ path, kustomization }) => kustomization !== undefined && path === placement.root,
  );
  const policies = manifests.objects.flatMap(({ object }) => (object.kind === 'ImagePolicy' ? [object] : []));
  const repositories = manifests.objects.flatMap(({ object }) => (object.kind === 'ImageRepository' ? [object] : []));
  const marker = manifests.markers.find((one) => {
    if (one.part !== 'tag' || root === undefined || !isBelow(one.file, root.path)) return false;
    const policy = policies.find(({ meta }) => meta.namespace === one.namespace && meta.name === one.policy);
    const repository = policy && repositories.find(({ meta }) => keyOf(meta) === keyOf(policy.repositoryRef));
    return repository !== undefined && canonicalImage(repository.image) === canonicalImage(placement.image);
  });
  if (marker === undefined) return undefined;
  return failedFault('image-override-misses', `the marked tag ${marker.value} replaces nothing in the build`, {
    place: { file: marker.file, line: marker.line },
    evidence: [
      { of: `${marker.file}:${marker.line}`, text: marker.value },
      { of: 'Images of the build', text: [...new Set(root?.images.map(({ image }) => image))].join(', ') },
    ],
    steps: [historyStep(marker.file)],
    remedy: `Let the entry's \`name\` be ${placement.image}, as the manifests write it.`,
  });
}
