// What the pods of a rollout say: the reasons of the kubelet and the scheduler that do not pass by themselves, and what the
// others wait for.
import type { Evidence, Fault, FaultCode, Steps } from '../../model/fault';
import type { Deployment, Pod } from '../../model/flux';
import { optional } from '../../model/optional';
import { type Reading, valueOf } from '../../model/reading';
import { conditionEvidence, type DiagnosisInput, failedFault, nameOf, refer } from './diagnosis';
import { describeStep, logsStep, podsStep } from './steps';

interface PodTrouble {
  readonly code: FaultCode;
  readonly remedy: string;
}

type ContainerState = Pod['containers'][number];

const pull: PodTrouble = {
  code: 'image-pull',
  remedy: 'The image is not there, or the nodes may not pull it: see the tag in the registry and `imagePullSecrets`.',
};
const crash: PodTrouble = {
  code: 'crash-loop',
  remedy: 'The container starts and ends: read what it said, or go back to the tag before.',
};
const memory: PodTrouble = {
  code: 'crash-loop',
  remedy:
    'The container takes more memory than its limit: raise `resources.limits.memory` in Git, or go back to the tag before.',
};
const config: PodTrouble = {
  code: 'container-config',
  remedy: 'A ConfigMap, Secret, command or hook that the container names is missing or fails.',
};

const pullReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** Waiting reasons of the kubelet that pass by themselves, as a rule. */
const passing: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** Undefined where it runs, or waits for what passes. */
function troubleOf({ waiting, isReady, isRunning, lastExit = '', restarts }: ContainerState): PodTrouble | undefined {
  const reason = waiting?.reason;
  if (reason !== undefined && reason !== 'CrashLoopBackOff') {
    if (passing.has(reason)) return undefined;
    return pullReasons.has(reason) ? pull : config;
  }
  // Between two starts it runs for a moment, or has just ended. One restart may be the wait for something beside it.
  if (reason === undefined && (isReady || lastExit === '' || (isRunning && restarts < 2))) return undefined;
  return lastExit.startsWith('OOMKilled') ? memory : crash;
}

function sentenceOf({ name, waiting, image, lastExit, restarts }: ContainerState): string {
  const ended = lastExit === undefined ? '' : ` (${lastExit})`;
  if (waiting !== undefined) return `${waiting.reason}${ended}: ${waiting.message || image}`;
  return `container ${name} does not stay up${ended}, restarted ${restarts} times`;
}

/** Pods of an outgoing ReplicaSet tell nothing of what is wanted now. */
export function currentPods({ live }: DiagnosisInput, { containers }: Deployment): readonly Pod[] {
  return (valueOf(live.pods) ?? []).filter(
    (pod) =>
      pod.meta.deletion === undefined &&
      containers.every((wanted) =>
        pod.containers.some(({ name, image }) => name === wanted.name && image === wanted.image),
      ),
  );
}

/** The first that does not come up by itself. */
export function podTrouble(pods: readonly Pod[], deployment: Deployment): Fault | undefined {
  const object = refer(deployment);
  // One that has failed as a whole is replaced by another.
  for (const pod of pods.filter(({ phase }) => phase !== 'Failed' && phase !== 'Succeeded')) {
    const witness = refer(pod);
    const steps: Steps = [describeStep(witness), podsStep(object.namespace)];
    const common = { object, witness, since: pod.meta.createdAt, steps };
    if (pod.unschedulable !== undefined) {
      return failedFault('unschedulable', `no node takes the pod: ${pod.unschedulable}`, {
        ...common,
        evidence: [{ of: nameOf(witness), text: pod.unschedulable }, ...conditionEvidence(deployment)],
        remedy: 'Mend what the scheduler names: too little room, a taint, a node selector, a volume that is not bound.',
      });
    }
    const found = pod.containers.flatMap((container) => {
      const trouble = troubleOf(container);
      return trouble === undefined ? [] : [{ container, trouble }];
    })[0];
    if (found === undefined) continue;
    const { container, trouble } = found;
    const { name, restarts, lastExit } = container;
    return failedFault(trouble.code, sentenceOf(container), {
      ...common,
      evidence: [
        { of: `${nameOf(witness)}, container ${name}`, text: textOf(container) },
        ...(restarts > 0 ? [{ of: 'Restarts', text: `${restarts}` }] : []),
        ...(lastExit === undefined ? [] : [{ of: 'Last exit', text: lastExit }]),
        ...conditionEvidence(deployment),
      ],
      steps: trouble.code === 'crash-loop' ? [logsStep(witness, container), ...steps] : steps,
      remedy: { text: trouble.remedy, command: 'rollBack' },
    });
  }
  return undefined;
}

function textOf({ waiting, isRunning }: ContainerState): string {
  if (waiting !== undefined) return waiting.message === '' ? waiting.reason : `${waiting.reason}: ${waiting.message}`;
  return isRunning ? 'runs and is not ready' : 'does not run';
}

/** What each pod waits for that is not ready, and which ones do not go; and that nobody may look, where that is so. */
export function podEvidence(reading: Reading<readonly Pod[]>, current: readonly Pod[]): readonly Evidence[] {
  if (reading.state !== 'known') return [{ of: 'Pods are not shown', text: reading.problem.message }];
  const leaving = reading.value.filter(({ meta }) => meta.deletion !== undefined);
  return [
    ...current.flatMap((pod) => {
      const of = nameOf(refer(pod));
      if (pod.trouble !== undefined) return [{ of, text: pod.trouble }];
      return pod.containers
        .filter(({ isReady }) => !isReady)
        .map((container) => ({ of: `${of}, container ${container.name}`, text: textOf(container) }));
    }),
    ...leaving.map(({ meta, kind }) => ({
      of: nameOf(refer({ kind, meta })),
      text: 'is being deleted; where that takes long, its node may be gone',
      ...optional('at', meta.deletion?.since),
    })),
  ];
}
