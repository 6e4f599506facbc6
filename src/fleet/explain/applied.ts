// applied: kustomize-controller has applied the revision. Reasons: its kustomization_controller.go.
import type { Diagnosis, Evidence, Fault, Step, Steps } from '../../model/fault';
import type { Kustomization, ObjectReference } from '../../model/flux';
import type { RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { deriveBlockage } from '../blockage';
import { conditionOf } from '../objectState';
import { isBelow, keyOf } from '../placements';
import {
  type DiagnosisInput,
  declaredIn,
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
} from './diagnosis';
import { unlessOnItsWay } from './onItsWay';
import { diagnoseOverride } from './overrides';
import { describeStep, historyStep, listStep, reconcileStep, resumeStep } from './steps';
import { suspendedFault } from './suspended';
import { withObject } from './withObject';

const suspension = {
  code: 'kustomization-suspended',
  text: 'the Kustomization is suspended',
  effect: 'Nothing from Git reaches the cluster before.',
} as const;

/** Undefined where nothing here is applied by Flux at all. */
export function diagnoseApplied(input: DiagnosisInput): Diagnosis | undefined {
  const { live, placement } = input;
  if (placement.kustomization === undefined) {
    const orphan = unapplied(input);
    return orphan && diagnose(orphan);
  }
  const missing = { code: 'kustomization-missing', kind: 'Kustomization', reference: placement.kustomization } as const;
  return withObject(live.kustomization, missing, input, (kustomization, state) => {
    const common = ofObject(kustomization);
    if (kustomization.isSuspended) {
      return diagnose(suspendedFault(kustomization, declaredIn(input.content, refer(kustomization)), suspension));
    }
    const moved = elsewhere(input, kustomization);
    if (moved !== undefined) return diagnose(moved);
    if (state.state === 'failed') return diagnose(failing(input, kustomization, state));
    const override = diagnoseOverride(input, kustomization);
    if (override !== undefined) return diagnose(override);
    const source = valueOf(live.gitRepository)?.artifact;
    const artifact = source?.revision;
    const stuck = blocked(kustomization, artifact);
    if (stuck !== undefined) return diagnose(stuck);
    if (state.state === 'progressing') return pending('apply-pending', kustomization, state, kustomization.timeoutMs);
    if (artifact === undefined || kustomization.lastAppliedRevision === artifact) return done;
    const steps: Steps = [reconcileStep(refer(kustomization)), ...common.steps];
    const remedy = {
      text: 'Wait: it starts by itself when its source has something new.',
      command: 'reconcileNow',
    } as const;
    const detail = { ...common, since: source?.updatedAt, usualMs: kustomization.timeoutMs, steps, remedy };
    return diagnose(waitingFault('apply-pending', `applying ${artifact}`, detail));
  });
}

const troubles: Readonly<Record<string, Trouble>> = {
  BuildFailed: {
    code: 'build-failed',
    remedy:
      'Mend the manifests as the message says. `kustomize build` shows the same, but for variables (`spec.postBuild`) and encrypted files (`spec.decryption`).',
  },
  ReconciliationFailed: {
    code: 'apply-failed',
    remedy:
      'Mend what the API server refuses: the object itself, a right of `spec.serviceAccountName`, a namespace or a kind that is not there, the Secret of `spec.kubeConfig`. A field that is immutable wants a new object, or `kustomize.toolkit.fluxcd.io/force: Enabled` on this one.',
  },
  PruneFailed: { code: 'prune-failed', remedy: 'See why the object that left Git cannot be deleted.' },
  HealthCheckFailed: {
    code: 'health-failed',
    remedy:
      'See the object that the message names: it is applied, or named in `spec.healthChecks`, and does not become ready.',
  },
  ArtifactFailed: {
    code: 'artifact-failed',
    remedy:
      'See whether its source is ready, and whether `spec.path` is in it: `.sourceignore`, `spec.ignore` and `spec.sparseCheckout` of a source leave folders out.',
  },
  AccessDenied: {
    code: 'kustomization-failed',
    remedy: 'This Flux does not let a Kustomization use a source of another namespace: put a source into its own.',
  },
  InvalidCELExpression: {
    code: 'kustomization-failed',
    remedy:
      'Mend the expression in `spec.healthCheckExprs` or in `readyExpr` of `spec.dependsOn`: it is not tried again before.',
  },
};

function failing(
  input: DiagnosisInput,
  kustomization: Kustomization,
  state: { readonly reason: string; readonly since?: number },
): Fault {
  const common = ofObject(kustomization);
  const reason = failingCondition(kustomization)?.reason ?? '';
  if (reason === 'DependencyNotReady') return dependency(input, kustomization, state.reason);
  // It has stopped to wait for an older revision, and begins with the newer one at once.
  if (reason === 'HealthCheckCanceled') {
    const remedy = 'Wait: it goes on with the newer revision at once.';
    return waitingFault('apply-pending', state.reason, { ...common, since: state.since, remedy });
  }
  const known = troubles[reason] ?? { code: 'kustomization-failed', remedy: 'See what the message names.' };
  return failedFault(known.code, state.reason, { ...common, since: state.since, remedy: known.remedy });
}

/** What it waits for is named with its own trouble, down to what waits for nobody else: that is what has to be mended. */
function dependency({ live }: DiagnosisInput, kustomization: Kustomization, text: string): Fault {
  const all = new Map((valueOf(live.kustomizations) ?? []).map((one) => [keyOf(one.meta), one]));
  const seen = new Map<string, Waited>();
  const follow = ({ dependsOn }: Kustomization): void => {
    for (const wanted of dependsOn) {
      const key = keyOf(wanted);
      if (seen.has(key)) continue;
      const found = all.get(key);
      seen.set(key, waitedFor({ ...wanted, kind: 'Kustomization' }, found));
      if (found !== undefined && failingCondition(found)?.reason === 'DependencyNotReady') follow(found);
    }
  };
  follow(kustomization);
  const common = ofObject(kustomization);
  const waited = [...seen.values()];
  const culprits = waited.filter(({ isStuck }) => isStuck);
  const [first, ...others] = culprits.flatMap(({ steps }) => steps);
  const detail = {
    ...common,
    evidence: [...common.evidence, ...waited.map(({ evidence }) => evidence)],
    since: failingCondition(kustomization)?.since,
    steps: first === undefined ? common.steps : ([first, ...others, ...common.steps] as const),
  };
  if (seen.has(keyOf(kustomization.meta))) {
    const remedy = 'They wait for each other in a circle: take one of them out of `spec.dependsOn`.';
    return failedFault('dependency-waiting', text, { ...detail, remedy });
  }
  // All of them are at work: at each new revision a dependency comes first.
  if (culprits.length === 0 && waited.length > 0) {
    const remedy =
      'Wait: it follows as soon as that is ready; where there is a `readyExpr`, see whether it can come true.';
    return waitingFault('dependency-waiting', text, { ...detail, usualMs: kustomization.timeoutMs, remedy });
  }
  const names = culprits.map(({ name }) => name).join(' and ') || 'what it depends on';
  return failedFault('dependency-waiting', text, { ...detail, remedy: `Mend ${names}; it follows by itself.` });
}

interface Waited {
  readonly name: string;
  readonly evidence: Evidence;
  /** Does not become ready by itself, and waits for nobody else. */
  readonly isStuck: boolean;
  readonly steps: readonly Step[];
}

function waitedFor(reference: ObjectReference, found: Kustomization | undefined): Waited {
  const name = nameOf(reference);
  const failing = found && failingCondition(found);
  const condition = failing ?? (found && conditionOf(found.conditions, 'Ready'));
  const says =
    found === undefined
      ? 'does not exist'
      : found.isSuspended
        ? 'is suspended'
        : (condition?.message ?? 'says nothing');
  const isStuck =
    found === undefined || found.isSuspended || (failing !== undefined && failing.reason !== 'DependencyNotReady');
  const step = found?.isSuspended === true ? resumeStep(reference) : describeStep(reference);
  return {
    name,
    evidence: { of: name, text: says, ...optional('at', condition?.since) },
    isStuck,
    steps: found === undefined ? [listStep('Kustomization')] : [step],
  };
}

/** kustomize-controller looks at no newer revision while it waits for the health of an older one. */
function blocked(kustomization: Kustomization, artifact: string | undefined): Fault | undefined {
  const blockage = deriveBlockage(kustomization);
  if (blockage === undefined || artifact === undefined || blockage.revision === undefined) return undefined;
  const common = ofObject(kustomization);
  const since = conditionOf(kustomization.conditions, 'Healthy')?.since;
  const usualMs = kustomization.timeoutMs;
  if (blockage.revision === artifact) {
    const before = kustomization.lastReconciledStatus;
    const hasFailed = before === 'HealthCheckFailed';
    const remedy = hasFailed
      ? 'Its last wait was in vain, and it tries again: see what of its objects does not become ready.'
      : 'Wait: everything is applied, and what it started has to become ready.';
    return waitingFault('health-waiting', 'waits for the health of what it has applied', {
      ...common,
      evidence: [
        ...(hasFailed ? [{ of: 'Its last run', text: before, ...optional('at', kustomization.lastReconciledAt) }] : []),
        ...common.evidence,
      ],
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
function elsewhere(input: DiagnosisInput, kustomization: Kustomization): Fault | undefined {
  const { root } = input.placement;
  if (root === undefined || root === kustomization.path) return undefined;
  const text = `the Kustomization applies ./${kustomization.path}, the tag is built from ./${root}`;
  const remedy = `Let its \`spec.path\` be ./${root}, as Git declares it.`;
  const fault = failedFault('kustomization-path', text, { ...ofObject(kustomization), remedy });
  return unlessOnItsWay(input, fault, declaredIn(input.content, refer(kustomization)));
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
