// An object that is suspended: by Git, where the file says so, else by somebody in the cluster, whose field manager is known.
import type { Fault, FaultCode, Steps } from '../../model/fault';
import type { FluxKind } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { suspenderEvidence, writerOf } from '../writerOf';
import { failedFault, ofObject, placeOf, refer } from './diagnosis';
import { historyStep, resumeStep } from './steps';

interface Suspension {
  readonly code: FaultCode;
  /** Where it is another one. */
  readonly inGit?: FaultCode;
  readonly text: string;
  /** What it means, a sentence behind what to do. */
  readonly effect: string;
}

/** Since when is not told by a condition: whatever is suspended reports nothing any more. */
export function suspendedFault(
  object: FluxKind,
  declared: DeclaredObject | undefined,
  { code, inGit = code, text, effect }: Suspension,
): Fault {
  const common = { ...ofObject(object), ...placeOf(declared) };
  // The command resumes what a rollback may suspend.
  const button = object.kind.startsWith('Image') ? ({ command: 'resume' } as const) : {};
  if (declared?.object.isSuspended === true) {
    const what = `Take \`suspend\` out of ${declared.file} when its reason is over: resumed in the cluster alone, the next run suspends it again.`;
    const steps: Steps = [historyStep(declared.file), ...common.steps];
    return failedFault(inGit, `${text} by Git`, { ...common, steps, remedy: { text: `${what} ${effect}`, ...button } });
  }
  const writer = writerOf(object.meta, 'spec.suspend');
  const who =
    declared === undefined
      ? 'Resume it when its reason is over; where another repository declares it, take `suspend` out there.'
      : 'Git does not declare it: somebody did it in the cluster. Resume it when its reason is over.';
  return failedFault(code, text, {
    ...common,
    evidence: [...suspenderEvidence(writer), ...common.evidence],
    since: writer?.at,
    steps: [resumeStep(refer(object)), ...common.steps],
    remedy: { text: `${who} ${effect}`, ...button },
  });
}
