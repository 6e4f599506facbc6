// rolled out: the workload runs the written tag. The pod's own reason goes before the Deployment's.
import type { Diagnosis, Fault, FaultCode, Steps } from '../../model/fault';
import type { Deployment, ObjectReference, Pod } from '../../model/flux';
import { parseImage } from '../../model/image';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { containersOf } from '../liveObjects';
import { conditionOf, stateOfDeployment } from '../objectState';
import {
  conditionEvidence,
  type DiagnosisInput,
  deletingFault,
  diagnose,
  doneAt,
  failedFault,
  refer,
  unknownFor,
  waitingFault,
} from './diagnosis';
import { describeStep, logsStep, podsStep, reconcileStep } from './steps';

export function diagnoseRolledOut(input: DiagnosisInput): Diagnosis {
  const { live, written, placement } = input;
  if (live.deployment.state !== 'known') return unknownFor(live.deployment.problem);
  const deployment = live.deployment.value;
  if (deployment === undefined) {
    const remedy =
      'Wait for the Kustomization; when it says that it has applied everything, see whether the manifest is in its build.';
    const text = 'the workload does not exist in the cluster yet';
    const { workload, kustomization } = placement;
    const steps: Steps = [
      podsStep(workload?.namespace ?? ''),
      ...(kustomization === undefined ? [] : [reconcileStep(kustomization)]),
    ];
    return diagnose(waitingFault('workload-missing', text, { ...optional('object', workload), steps, remedy }));
  }
  const object = refer(deployment);
  const common = {
    object,
    evidence: conditionEvidence(deployment),
    steps: [describeStep(object), podsStep(object.namespace)] as const,
  };
  const deleting = deletingFault(deployment);
  if (deleting !== undefined) return diagnose(deleting);
  const pod = podTrouble(input, deployment);
  if (pod !== undefined) return diagnose(pod);
  const refused = conditionOf(deployment.conditions, 'ReplicaFailure');
  if (refused?.status === 'True') {
    return diagnose(
      failedFault('quota', `no pod can be made: ${refused.message || refused.reason}`, {
        ...common,
        since: refused.since,
        remedy: 'Make room in the quota, or lower what the pods ask for.',
      }),
    );
  }
  const progressing = conditionOf(deployment.conditions, 'Progressing');
  if (progressing?.reason === 'DeploymentPaused') {
    const steps: Steps = [
      { what: 'Go on', command: `kubectl -n ${object.namespace} rollout resume deployment/${object.name}` },
    ];
    const remedy = 'Resume the rollout, or take `paused` out of the manifest in Git.';
    return diagnose(
      failedFault('rollout-paused', 'the rollout is paused', { ...common, steps, since: progressing.since, remedy }),
    );
  }
  const state = stateOfDeployment(deployment);
  const unready = notReady(input, deployment);
  if (state.state === 'failed') {
    const detail = { ...common, since: state.since, evidence: [...unready, ...common.evidence] };
    const remedy = {
      text: 'See why its pods do not become ready, or go back to the tag before.',
      command: 'rollBack',
    } as const;
    const code: FaultCode = unready.length > 0 ? 'not-ready' : 'rollout-failed';
    return diagnose(failedFault(code, state.reason, { ...detail, remedy }));
  }
  if (state.state === 'progressing') {
    const usualMs = (deployment.progressDeadlineSeconds ?? 600) * 1000;
    const detail = { ...common, since: state.since, usualMs, evidence: [...unready, ...common.evidence] };
    const isUnready = unready.length > 0;
    return diagnose(
      waitingFault(isUnready ? 'not-ready' : 'rollout-going', state.reason, {
        ...detail,
        remedy: isUnready ? 'Wait; when it stays so, see what its readiness probe asks for.' : 'Wait for the rollout.',
      }),
    );
  }
  const tag = valueOf(written)?.tag;
  const own = containersOf(deployment, placement.image);
  const tags = (own.length > 0 ? own : deployment.containers).map((one) => parseImage(one.image).tag ?? 'no tag');
  if (tag !== undefined && !tags.includes(tag)) {
    const text = `${tags.join(', ')} is running, ${tag} is written`;
    const remedy = {
      text: 'Wait for the Kustomization to apply it, or ask for it now.',
      command: 'reconcileNow',
    } as const;
    return diagnose(waitingFault('workload-behind', text, { ...common, remedy }));
  }
  return doneAt(progressing?.since);
}

interface PodTrouble {
  readonly code: FaultCode;
  readonly remedy: string;
}

const pull: PodTrouble = {
  code: 'image-pull',
  remedy: 'The image is not there, or the nodes may not pull it: see the tag in the registry and `imagePullSecrets`.',
};
const config: PodTrouble = {
  code: 'container-config',
  remedy: 'A ConfigMap, Secret or command that the container names is missing.',
};

/** Waiting reasons of the kubelet that do not pass by themselves. */
const podTroubles: Readonly<Record<string, PodTrouble>> = {
  ErrImagePull: pull,
  ImagePullBackOff: pull,
  ErrImageNeverPull: pull,
  InvalidImageName: pull,
  CrashLoopBackOff: {
    code: 'crash-loop',
    remedy: 'The container starts and ends: read what it said, or go back to the tag before.',
  },
  CreateContainerConfigError: config,
  CreateContainerError: config,
  RunContainerError: config,
};

/** Pods of an outgoing ReplicaSet tell nothing of what is wanted now. */
function currentPods({ live }: DiagnosisInput, { containers }: Deployment): readonly Pod[] {
  const wanted = new Set(containers.map((one) => one.image));
  return (valueOf(live.pods) ?? []).filter(
    (pod) => pod.meta.deletion === undefined && pod.containers.some((one) => wanted.has(one.image)),
  );
}

function podTrouble(input: DiagnosisInput, deployment: Deployment): Fault | undefined {
  const object: ObjectReference = refer(deployment);
  for (const pod of currentPods(input, deployment)) {
    const steps: Steps = [describeStep(refer(pod)), podsStep(object.namespace)];
    for (const container of pod.containers) {
      const { waiting, image, restarts } = container;
      const known = waiting && podTroubles[waiting.reason];
      if (waiting === undefined || known === undefined) continue;
      const isCrash = known.code === 'crash-loop';
      const evidence = [
        {
          of: `Pod ${pod.meta.namespace}/${pod.meta.name}, container ${container.name}`,
          text: `${waiting.reason}: ${waiting.message}`,
        },
        ...(restarts > 0 ? [{ of: 'Restarts', text: `${restarts}` }] : []),
        ...(container.lastExit === undefined ? [] : [{ of: 'Last exit', text: container.lastExit }]),
        ...conditionEvidence(deployment),
      ];
      return failedFault(known.code, `${waiting.reason}: ${waiting.message || image}`, {
        object,
        evidence,
        since: pod.meta.createdAt,
        steps: isCrash ? [logsStep(object), ...steps] : steps,
        remedy: { text: known.remedy, command: 'rollBack' },
      });
    }
    if (pod.unschedulable !== undefined) {
      return failedFault('unschedulable', `no node takes the pod: ${pod.unschedulable}`, {
        object,
        evidence: [
          { of: `Pod ${pod.meta.namespace}/${pod.meta.name}`, text: pod.unschedulable },
          ...conditionEvidence(deployment),
        ],
        since: pod.meta.createdAt,
        steps,
        remedy: 'Give the cluster room, or lower what the pod asks for.',
      });
    }
  }
  return undefined;
}

/** Containers that run and are not ready: their probe says no. */
function notReady(input: DiagnosisInput, deployment: Deployment) {
  return currentPods(input, deployment).flatMap((pod) =>
    pod.phase !== 'Running'
      ? []
      : pod.containers
          .filter(({ isReady, waiting }) => !isReady && waiting === undefined)
          .map(({ name }) => ({
            of: `Pod ${pod.meta.namespace}/${pod.meta.name}, container ${name}`,
            text: 'runs and is not ready',
          })),
  );
}
