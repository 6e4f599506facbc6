// The workload left Git: who did it, when Flux puts it back, and what can be done now.
import { formatAge } from '../../model/duration';
import type { Fault, FaultCode } from '../../model/fault';
import type { Drift, Placement } from '../../model/fleet';
import { parseImage } from '../../model/image';
import { isOfImage } from '../liveObjects';
import { failedFault, nameOf } from './diagnosis';
import { describeStep, reconcileStep, resumeStep } from './steps';
import { strayEvidence } from './stray';

/** While its Kustomization has one of these, no run of it writes anything. */
const writesNothing: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'kustomization-missing',
  'build-failed',
  'apply-failed',
  'dependency-waiting',
  'artifact-failed',
  'kustomization-failed',
  'object-deleting',
]);

export function diagnoseDrift({ kustomization, chain }: Placement, drift: Drift, now: number): Fault {
  const applied = chain.find(({ name }) => name === 'applied')?.faults ?? [];
  const isStopped = applied.some(({ code }) => writesNothing.has(code));
  const { workload, expected, found, manager, at, stays } = drift;
  const back = {
    of: kustomization === undefined ? 'Flux' : nameOf(kustomization),
    text: isStopped ? 'puts it back when its own fault is mended' : returnText(drift, now),
  };
  const [runs, says] = shortest(found, expected);
  const canRollBack = isOfImage(found, parseImage(expected).name);
  const keep = canRollBack ? 'roll back in Git to keep what runs' : 'let Git name that image to keep it';
  const or = canRollBack ? ({ or: { text: `Or ${keep}.`, command: 'rollBack' } } as const) : {};
  const nudge = stays === true ? resumeStep : reconcileStep;
  return failedFault('workload-drifted', `${runs} runs, the applied revision says ${says}`, {
    object: workload,
    since: at,
    evidence: [...strayEvidence(drift), back],
    steps: kustomization === undefined ? [describeStep(workload)] : [nudge(kustomization), describeStep(workload)],
    remedy:
      stays === true
        ? `${manager ?? 'Somebody'} changed it past Git, and it stays while the Kustomization is suspended: ${keep}, or resume it to put Git's tag back.`
        : isStopped
          ? `${manager ?? 'Somebody'} changed it past Git: mend the Kustomization and it puts Git's tag back, or ${keep}.`
          : {
              text: `${manager ?? 'Somebody'} changed it past Git, so it does not stay: reconcile now to put Git's tag back${canRollBack ? '' : `, or ${keep}`}.`,
              command: 'reconcileNow',
              ...or,
            },
  });
}

/** Of one image the tags alone. */
function shortest(...images: readonly [string, string]): readonly string[] {
  const [one, other] = images.map(parseImage);
  const tags = [one?.tag, other?.tag].filter((tag) => tag !== undefined);
  return tags.length === 2 && tags[0] !== tags[1] && one?.name === other?.name ? tags : images;
}

function returnText({ stays, returnsBy }: Drift, now: number): string {
  if (stays === true) return 'is suspended: the drift stays until it is resumed';
  const when =
    returnsBy === undefined
      ? 'at its next run'
      : returnsBy > now
        ? `within ${formatAge(returnsBy - now)}`
        : 'at any moment';
  return `puts it back ${when}; any commit in the repository does it too`;
}
