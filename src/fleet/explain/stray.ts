// The workload runs another image than its Kustomization's applied revision says, and nobody has changed it past Git: Flux is
// told to leave it alone, or Flux itself has written the other image.
import type { Diagnosis, Evidence, Fault, Steps } from '../../model/fault';
import type { Drift } from '../../model/fleet';
import type { Deployment, Kustomization, ObjectReference } from '../../model/flux';
import { parseImage } from '../../model/image';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { leaveAloneMarks, type Stray } from '../drift';
import { type DiagnosisInput, diagnose, failedFault, nameOf, refer, waitingFault } from './diagnosis';
import { describeStep, reconcileStep, shellWord } from './steps';

export function diagnoseStray({ placement, live, stray }: DiagnosisInput): Diagnosis | undefined {
  const deployment = valueOf(live.deployment);
  const kustomization = valueOf(live.kustomization);
  if (deployment === undefined || kustomization === undefined || stray === undefined || stray.by === 'hand')
    return undefined;
  if (stray.by === 'nobody') return diagnose(leftAlone(deployment, kustomization, stray));
  const { workload } = placement;
  if (workload?.kind === 'HelmRelease') return diagnose(notUpgraded(workload, stray));
  const other = otherWriter(deployment, kustomization, stray);
  // Its own run that wrote it may not have told its end yet.
  const isRunning = (kustomization.lastReconciledAt ?? Number.POSITIVE_INFINITY) < (stray.at ?? 0);
  return other === undefined && isRunning ? undefined : diagnose(overwritten(kustomization, stray, other));
}

/** The tags, where there are two. */
function sentence({ found, expected }: Stray): string {
  const [runs, says] = [found, expected].map((image) => parseImage(image).tag);
  return runs === says || runs === undefined || says === undefined
    ? `${found} runs, the applied revision says ${expected}`
    : `${runs} runs, the applied revision says ${says}`;
}

export function strayEvidence({ workload, container, expected, found, manager, at }: Drift): readonly Evidence[] {
  return [
    { of: `${nameOf(workload)}, container ${container}`, text: found },
    { of: 'The applied revision', text: expected },
    { of: 'Field manager of its image', text: manager ?? 'unknown', ...optional('at', at) },
  ];
}

function leftAlone({ meta }: Deployment, kustomization: Kustomization, stray: Stray): Fault {
  const marks = leaveAloneMarks(meta);
  const told = marks.map(({ key, value }) => `\`${key}: ${value}\``).join(' and ');
  const steps: Steps = [
    describeStep(stray.workload),
    ...marks.map(({ as, key }) => ({
      what: `Take the ${as} off`,
      command: `kubectl -n ${shellWord(meta.namespace)} ${as === 'label' ? 'label' : 'annotate'} deployment ${shellWord(meta.name)} ${key}-`,
    })),
    reconcileStep(refer(kustomization)),
  ];
  return failedFault('workload-left-alone', `Flux is told to leave the Deployment alone, and ${sentence(stray)}`, {
    object: stray.workload,
    since: stray.at,
    evidence: [{ of: `Marks of ${nameOf(stray.workload)}`, text: told }, ...strayEvidence(stray)],
    steps,
    remedy: `Take ${told} off it when its reason is over, in Git too where a manifest says so: then the Kustomization's next run writes Git's tag.`,
  });
}

/** Who else of Flux's own, as the labels of the last to apply it say; undefined where it is its Kustomization, or they do not say. */
function otherWriter({ meta }: Deployment, kustomization: Kustomization, stray: Stray): ObjectReference | undefined {
  const own = refer(kustomization);
  const isHelm = stray.manager === 'helm-controller';
  const group = isHelm ? 'helm.toolkit.fluxcd.io' : 'kustomize.toolkit.fluxcd.io';
  const name = meta.labels[`${group}/name`];
  if (name === undefined) return undefined;
  const kind = isHelm ? 'HelmRelease' : 'Kustomization';
  const writer = { kind, name, namespace: meta.labels[`${group}/namespace`] ?? own.namespace };
  return nameOf(writer) === nameOf(own) ? undefined : writer;
}

/** By another Kustomization or a HelmRelease, or by its own with a change that Git does not know. */
function overwritten(kustomization: Kustomization, stray: Stray, other: ObjectReference | undefined): Fault {
  const own = refer(kustomization);
  const by = other ? `; ${nameOf(other)} has written it` : ', though its Kustomization has run';
  return failedFault('workload-overwritten', `${sentence(stray)}${by}`, {
    object: stray.workload,
    since: stray.at,
    evidence: strayEvidence(stray),
    steps: [describeStep(other ?? own), describeStep(stray.workload)],
    remedy: other
      ? `Both apply it, and each undoes the other: take it out of ${nameOf(other)}, or out of ${nameOf(own)}.`
      : `Nobody changed it past Flux: compare \`spec.images\`, \`spec.patches\` and \`spec.postBuild\` of ${nameOf(own)} in the cluster with Git, and see whether its manifest tells Flux to leave it alone.`,
  });
}

/** The Kustomization has applied the HelmRelease; the workload follows when helm-controller has upgraded. */
function notUpgraded(release: ObjectReference, stray: Stray): Fault {
  return waitingFault('workload-behind', `${nameOf(release)} has not been upgraded: ${sentence(stray)}`, {
    object: stray.workload,
    evidence: strayEvidence(stray),
    steps: [describeStep(release), reconcileStep(release)],
    remedy:
      'Wait for helm-controller; when it stays so, see what the HelmRelease says: the upgrade may have failed or been rolled back.',
  });
}
