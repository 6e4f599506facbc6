// An object that is suspended: by Git, where the file says so, else by somebody in the cluster, whose field manager is known.
import type { Evidence, Fault, FaultCode, Steps } from '../../model/fault';
import type { FluxKind } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { optional } from '../../model/optional';
import { conditionOf } from '../objectState';
import { writerOf } from '../writerOf';
import { failedFault, ofObject, placeOf, refer } from './diagnosis';
import { historyStep, resumeStep } from './steps';

interface Suspension {
  readonly inGit: FaultCode;
  readonly inCluster: FaultCode;
  readonly text: string;
  /** What it means, after what to do. */
  readonly effect: string;
}

export function suspendedFault(
  object: FluxKind,
  declared: DeclaredObject | undefined,
  { inGit, inCluster, text, effect }: Suspension,
): Fault {
  const common = { ...ofObject(object), ...placeOf(declared) };
  const since = conditionOf(object.conditions, 'Ready')?.since;
  if (declared?.object.isSuspended === true) {
    const steps: Steps = [historyStep(declared.file), ...common.steps];
    const remedy = { text: `Take \`suspend\` out of ${declared.file}${effect}`, command: 'resume' } as const;
    return failedFault(inGit, text, { ...common, since, steps, remedy });
  }
  const writer = writerOf(object.meta, 'spec.suspend');
  const evidence: readonly Evidence[] =
    writer === undefined
      ? []
      : [{ of: 'Field manager of spec.suspend', text: writer.manager, ...optional('at', writer.at) }];
  const steps: Steps = [resumeStep(refer(object)), ...common.steps];
  const who =
    declared === undefined
      ? 'Resume it; where another repository declares it, take `suspend` out there'
      : 'Git does not declare it: somebody did it in the cluster. Resume it';
  return failedFault(inCluster, text, {
    ...common,
    evidence: [...evidence, ...common.evidence],
    since: writer?.at ?? since,
    steps,
    remedy: { text: `${who}${effect}`, command: 'resume' },
  });
}
