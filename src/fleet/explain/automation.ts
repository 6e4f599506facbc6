// The automation that writes the line: why it has not written the selected tag yet.
import type { Diagnosis, Fault, Steps } from '../../model/fault';
import type { GitRepository, ImageUpdateAutomation } from '../../model/flux';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import { branchOf, repositoryIdentity } from '../../model/repositoryIdentity';
import { findObject } from '../liveObjects';
import { stateOfFlux } from '../objectState';
import { keyOf } from '../placements';
import {
  type Detail,
  type DiagnosisInput,
  diagnose,
  failedFault,
  failingCondition,
  missingObject,
  nameOf,
  ofObject,
  pending,
  placeOf,
  refer,
  type Trouble,
  waitingFault,
} from './diagnosis';
import { reconcileStep } from './steps';
import { suspendedFault } from './suspended';

export function diagnoseAutomation(input: DiagnosisInput, automation: ImageUpdateAutomation): Diagnosis {
  const declared = input.placement.automation;
  const common = { ...ofObject(automation), ...placeOf(declared) };
  const state = stateOfFlux(automation);
  // Its controller does not look at a suspended one: whatever a condition says is older.
  if (automation.isSuspended) return diagnose(suspendedFault(automation, declared, suspension));
  if (state.state === 'failed')
    return diagnose(failing(automation, { ...common, needs: automation.sourceRef, remedy: '', since: state.since }));
  const chosen = valueOf(input.selected)?.tag;
  if (chosen === undefined) {
    const remedy = 'The policy selects first; the automation follows at once.';
    return diagnose(waitingFault('automation-pending', 'nothing has been selected yet', { ...common, remedy }));
  }
  const source = findObject(input.live.gitRepositories, automation.sourceRef);
  const elsewhere = otherRepository(input, automation, source, common);
  if (elsewhere !== undefined) return diagnose(elsewhere);
  const branch = automation.pushBranch ?? automation.checkoutBranch ?? (source && branchOf(source));
  if (branch !== undefined && input.branch !== '' && branch !== input.branch)
    return diagnose(unmerged(input, automation, branch, common));
  if (state.state === 'progressing' && automation.conditions.length === 0) {
    return pending('automation-pending', automation, state);
  }
  const now = valueOf(input.written)?.tag ?? 'no tag';
  const text = `${chosen} is selected, ${now} is written; the automation writes at its next run`;
  const steps: Steps = [reconcileStep(refer(automation)), ...common.steps];
  const usualMs = automation.intervalMs;
  const remedy = 'Wait: a new selection starts it at once, else its interval does.';
  return diagnose(waitingFault('automation-pending', text, { ...common, steps, usualMs, remedy }));
}

const suspension = {
  code: 'automation-suspended-in-cluster',
  inGit: 'automation-suspended-in-git',
  text: 'the automation is suspended',
  effect: 'Nothing new is written before.',
} as const;

/** It has the marker's namespace and path, and looks for them in another repository than the one that is applied. */
function otherRepository(
  { live }: DiagnosisInput,
  automation: ImageUpdateAutomation,
  source: GitRepository | undefined,
  common: Common,
): Fault | undefined {
  const applied = valueOf(live.gitRepository);
  if (source === undefined || applied === undefined) return undefined;
  if (repositoryIdentity(source.url) === repositoryIdentity(applied.url)) return undefined;
  return failedFault(
    'automation-elsewhere',
    `${nameOf(refer(automation))} writes to another repository: ${source.url}`,
    {
      ...common,
      evidence: [
        { of: `${nameOf(refer(source))}, url`, text: source.url },
        { of: `${nameOf(refer(applied))}, url`, text: applied.url },
        ...common.evidence,
      ],
      remedy: `Let its \`spec.sourceRef\` name ${keyOf(applied.meta)}, from which the files are applied.`,
    },
  );
}

type Common = Pick<Fault, 'object' | 'evidence' | 'steps' | 'place'>;

function unmerged(
  input: DiagnosisInput,
  { lastPushAt, lastPushCommit }: ImageUpdateAutomation,
  branch: string,
  common: Common,
): Fault {
  const pushed =
    lastPushCommit === undefined
      ? []
      : [{ of: `Last push to ${branch}`, text: lastPushCommit, ...optional('at', lastPushAt) }];
  return waitingFault(
    'push-branch-unmerged',
    `the automation pushes to ${branch}, and nobody has merged it into ${input.branch}`,
    {
      ...common,
      evidence: [...pushed, ...common.evidence],
      since: lastPushAt,
      remedy: `Merge ${branch} into ${input.branch}, and delete it then: a stale one stays stale.`,
      steps: [
        { what: 'See what it holds', command: `git fetch && git log -p origin/${input.branch}..origin/${branch}` },
      ],
    },
  );
}

const troubles: Readonly<Record<string, Trouble>> = {
  RemovedTemplateField: {
    code: 'automation-template',
    remedy: 'Mend `spec.git.commit.messageTemplate`: the field was removed in Flux 2.7; use `.Changed`.',
  },
  InvalidSourceConfiguration: { code: 'automation-source', remedy: 'Mend `spec.sourceRef` and `spec.git`.' },
  SourceManagerFailed: { code: 'automation-source', remedy: 'Mend `spec.sourceRef` and `spec.git`.' },
  AccessDenied: {
    code: 'automation-source',
    remedy: 'Cross-namespace references are blocked: put the source beside it.',
  },
  InvalidPolicySelector: { code: 'automation-invalid-selector', remedy: 'Mend `spec.policySelector`.' },
  InvalidUpdateStrategy: { code: 'automation-update', remedy: 'Set `spec.update.strategy` to Setters.' },
  UpdateFailed: {
    code: 'automation-update',
    remedy: 'Mend `spec.update.path`, or the reference that the message names.',
  },
};

/**
 * How a Git server says that somebody else was faster; no rule of the server is among them. Before it asks the server, the
 * controller looks for the remote's tip among the parents in its shallow clone: `object not found`, where somebody has moved it
 * (go-git, remote.go isFastForward).
 */
const lostRace =
  /failed to update ref$|object not found$|non-fast-forward|fetch first|cannot lock ref|stale info|reference already exists/;

/** One reason, GitOperationFailed, stands for the template, the clone and the push; the controller's prefix tells them apart. */
function failing(automation: ImageUpdateAutomation, common: Detail): Fault {
  const { reason = '', message = '' } = failingCondition(automation) ?? {};
  const text = `${reason}: ${message}`;
  const absent = missingObject(message, automation.meta.namespace);
  if (absent !== undefined) {
    const { remedy, step } = absent;
    return failedFault('automation-source', text, { ...common, steps: [step, ...common.steps], remedy });
  }
  const known = troubles[reason];
  if (known !== undefined) return failedFault(known.code, text, { ...common, remedy: known.remedy });
  if (reason !== 'GitOperationFailed') {
    return failedFault('automation-failed', text, {
      ...common,
      remedy: 'See what the message names; Flux goes on trying.',
    });
  }
  if (/template/.test(message)) {
    const remedy = 'Mend `spec.git.commit.messageTemplate`.';
    return failedFault('automation-template', text, { ...common, remedy });
  }
  if (!message.includes('failed to push')) {
    const remedy = 'See whether the Git server answers and the credentials of the source are good.';
    return failedFault('automation-git', text, { ...common, remedy });
  }
  if (lostRace.test(message)) {
    const remedy = 'Wait: somebody else pushed at the same moment, and the automation tries again within seconds.';
    return waitingFault('push-race', text, { ...common, usualMs: 10_000, remedy });
  }
  const remedy = 'Allow the automation to push, or let it push to a branch that is merged by a pull request.';
  return failedFault('automation-push-rejected', text, { ...common, remedy });
}
