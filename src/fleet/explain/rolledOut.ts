// rolled out: the workload runs the written tag. The pod's own reason goes before the Deployment's.
import type { Diagnosis, Evidence, Fault, FaultCode, Steps } from '../../model/fault';
import type { Pod } from '../../model/flux';
import { parseImage } from '../../model/image';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { parseRevision } from '../../model/revision';
import { writtenContainers } from '../liveObjects';
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
import { currentPods, podEvidence, podTrouble } from './podTrouble';
import { describeStep, podsStep, reconcileStep } from './steps';
import { diagnoseStray } from './stray';

export function diagnoseRolledOut(input: DiagnosisInput): Diagnosis {
  const { live, written, placement } = input;
  if (live.deployment.state !== 'known') return unknownFor(live.deployment.problem);
  const deployment = live.deployment.value;
  if (deployment === undefined) return diagnose(missing(input));
  const object = refer(deployment);
  const common = {
    object,
    evidence: conditionEvidence(deployment),
    steps: [describeStep(object), podsStep(object.namespace)] as const,
  };
  const deleting = deletingFault(deployment);
  if (deleting !== undefined) return diagnose(deleting);
  const stray = diagnoseStray(input);
  if (stray !== undefined) return stray;
  const pods = currentPods(input, deployment);
  const trouble = podTrouble(pods, deployment);
  if (trouble !== undefined) return diagnose(trouble);
  const refused = conditionOf(deployment.conditions, 'ReplicaFailure');
  if (refused?.status === 'True') {
    return diagnose(
      failedFault('quota', `no pod can be made: ${refused.message || refused.reason}`, {
        ...common,
        since: refused.since,
        remedy:
          'Mend what the API server names: a quota without room, an admission rule such as Pod Security, a ServiceAccount that does not exist.',
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
  if (state.state === 'failed' || state.state === 'progressing') {
    const said = podEvidence(live.pods, pods);
    const [worst] = pods.filter(isUnready);
    const isUp = worst?.phase === 'Running';
    const steps: Steps = worst === undefined ? common.steps : [describeStep(refer(worst)), ...common.steps];
    const detail = {
      ...common,
      ...optional('witness', worst && refer(worst)),
      since: state.since,
      evidence: [...said, ...common.evidence],
      steps,
    };
    if (state.state === 'failed') {
      const remedy = {
        text: 'See why its pods do not become ready, or go back to the tag before.',
        command: 'rollBack',
      } as const;
      return diagnose(failedFault(isUp ? 'not-ready' : 'rollout-failed', state.reason, { ...detail, remedy }));
    }
    const usualMs = (deployment.progressDeadlineSeconds ?? 600) * 1000;
    const code: FaultCode = isUp ? 'not-ready' : 'rollout-going';
    const remedy = isUp
      ? 'Wait; when it stays so, see what its readiness probe asks for.'
      : 'Wait for the rollout; when it stays so, the events of its pods say what they wait for.';
    return diagnose(waitingFault(code, state.reason, { ...detail, usualMs, remedy }));
  }
  const tag = valueOf(written)?.tag;
  const own = writtenContainers(deployment, placement);
  const tags = (own.length > 0 ? own : deployment.containers).map((one) => parseImage(one.image).tag ?? 'no tag');
  const behind = [...new Set(tags)].filter((one) => one !== tag);
  // Where nothing tells which container it is, one that runs the tag is enough.
  if (tag !== undefined && behind.length > 0 && (own.length > 0 || !tags.includes(tag))) {
    const text = `${behind.join(', ')} is running, ${tag} is written`;
    const remedy = {
      text: 'Wait for the Kustomization to apply it, or ask for it now.',
      command: 'reconcileNow',
    } as const;
    return diagnose(waitingFault('workload-behind', text, { ...common, remedy }));
  }
  return doneAt(progressing?.since);
}

function isUnready({ containers, phase, trouble }: Pod): boolean {
  return phase !== 'Running' || trouble !== undefined || containers.some(({ isReady }) => !isReady);
}

/** The inventory of its Kustomization tells whether it was ever there. */
function missing({ live, placement, content }: DiagnosisInput): Fault {
  const { workload, kustomization: reference } = placement;
  const kustomization = valueOf(live.kustomization);
  const steps: Steps = [
    podsStep(workload?.namespace ?? ''),
    ...(reference === undefined ? [] : [reconcileStep(reference)]),
  ];
  const detail = { ...optional('object', workload), steps };
  const id = workload && `${workload.namespace}_${workload.name}_apps_Deployment`;
  if (kustomization?.inventory.some((one) => one === id) === true) {
    const remedy = {
      text: 'Somebody has deleted it. Wait for the next run, or reconcile now.',
      command: 'reconcileNow',
    } as const;
    return waitingFault('workload-missing', 'the workload was applied, and is gone: Flux makes it anew', {
      ...detail,
      usualMs: kustomization.intervalMs,
      remedy,
    });
  }
  const applied = kustomization?.lastAppliedRevision;
  const hasAll =
    applied !== undefined &&
    kustomization !== undefined &&
    kustomization.inventory.length > 0 &&
    parseRevision(applied).hash === valueOf(content)?.commit.hash;
  if (hasAll && workload !== undefined) {
    const name = `${workload.kind} ${workload.namespace}/${workload.name}`;
    const evidence: readonly Evidence[] = [
      { of: 'Inventory of its Kustomization', text: kustomization.inventory.join(', ') },
    ];
    return failedFault('workload-missing', `the Kustomization has applied everything, and no ${name} is among it`, {
      ...detail,
      evidence,
      remedy:
        'See whether `spec.targetNamespace`, `spec.namePrefix` or a patch of the Kustomization in the cluster gives it another name or namespace than Git does.',
    });
  }
  return waitingFault('workload-missing', 'the workload does not exist in the cluster yet', {
    ...detail,
    remedy:
      'Wait for the Kustomization; when it says that it has applied everything, see whether the manifest is in its build.',
  });
}
