// fetched: source-controller has the commit. Reasons: its api/v1/condition_types.go.
import type { Diagnosis, Steps } from '../../model/fault';
import type { Condition, GitRepository } from '../../model/flux';
import { valueOf } from '../../model/reading';
import { branchOf, repositoryIdentity } from '../../model/repositoryIdentity';
import { parseRevision } from '../../model/revision';
import { conditionOf } from '../objectState';
import {
  type DiagnosisInput,
  declaredIn,
  diagnose,
  done,
  doneAt,
  failedFault,
  failingCondition,
  ofObject,
  placeOf,
  refer,
  unknownFor,
  waitingFault,
} from './diagnosis';
import { reconcileStep } from './steps';
import { suspendedFault } from './suspended';
import { withObject } from './withObject';

const suspension = {
  code: 'source-suspended',
  text: 'fetching is suspended',
  effect: 'Nothing new is fetched before.',
} as const;

export function diagnoseFetched(input: DiagnosisInput): Diagnosis {
  const { live, content, branch } = input;
  const reference = valueOf(live.kustomization)?.sourceRef;
  const missing = { code: 'source-missing', kind: 'GitRepository', reference } as const;
  return withObject(live.gitRepository, missing, input, (repository, state) => {
    const common = ofObject(repository);
    const now: Steps = [reconcileStep(refer(repository))];
    if (repository.isSuspended)
      return diagnose(suspendedFault(repository, declaredIn(content, refer(repository)), suspension));
    const { ref } = repository;
    const tip = valueOf(content);
    const hash = repository.artifact === undefined ? undefined : parseRevision(repository.artifact.revision).hash;
    const followed = branchOf(repository);
    const range = ref.commit === undefined && ref.name === undefined ? ref.semver : undefined;
    if (range !== undefined && state.state !== 'failed') {
      // A team that releases by tags: the tip is there as soon as somebody tags it.
      if (hash !== undefined && hash === tip?.commit.hash) return doneAt(repository.artifact?.updatedAt);
      const text = `the source takes Git tags in ${range}: what is written on ${branch} reaches it when a commit is tagged`;
      const remedy = `Tag the commit and push the tag, or let \`spec.ref\` name the branch ${branch}.`;
      return diagnose(failedFault('source-pinned', text, { ...common, remedy }));
    }
    // A commit stays what it is, whatever branch stands beside it.
    if (followed === undefined || ref.commit !== undefined) {
      const to = ref.commit ?? ref.name ?? ref.semver ?? ref.tag ?? '';
      const text = `the source is pinned to ${to}, commits on ${branch} do not reach it`;
      return diagnose(
        failedFault('source-pinned', text, { ...common, remedy: `Let its \`spec.ref\` name the branch ${branch}.` }),
      );
    }
    // A commit that was named outright is on no branch that is known.
    if (branch !== '' && followed !== branch) {
      const text = `the cluster follows branch ${followed}, the tags are written on ${branch}`;
      return diagnose(failedFault('source-other-branch', text, { ...common, remedy: 'Let both be one branch.' }));
    }
    if (state.state === 'failed') {
      const isLogin = failingCondition(repository)?.reason === 'AuthenticationFailed';
      const code = isLogin ? 'source-unauthorized' : 'source-failed';
      const remedy = isLogin
        ? 'See whether the Secret in `spec.secretRef` exists and holds what the URL asks for, and renew the credentials.'
        : remedyFor(repository);
      return diagnose(failedFault(code, state.reason, { ...common, since: state.since, remedy }));
    }
    const usualMs = repository.intervalMs;
    const wait = { text: 'Wait for the interval, or ask Flux to fetch now.', command: 'reconcileNow' } as const;
    if (hash === undefined) {
      const detail = { ...common, usualMs, steps: now, remedy: wait };
      return diagnose(waitingFault('source-pending', 'nothing has been fetched yet', detail));
    }
    const declared = declaredIn(content, refer(repository));
    const url = declared?.object.kind === 'GitRepository' ? repositoryIdentity(declared.object.url) : undefined;
    if (url !== undefined && url !== repositoryIdentity(repository.url)) {
      const text = `the cluster fetches ${repositoryIdentity(repository.url)}, Git declares ${url}`;
      const remedy = `Let its \`spec.url\` be that of ${declared?.file}: somebody has changed it in the cluster.`;
      return diagnose(failedFault('source-other-repository', text, { ...common, ...placeOf(declared), remedy }));
    }
    if (tip === undefined) return content.state === 'unknown' ? unknownFor(content.problem) : done;
    if (tip.commit.hash === hash) return doneAt(repository.artifact?.updatedAt);
    const isKnown = tip.recent.includes(hash);
    // A commit that the clone does not know is newer than the clone; or the branch was rewritten, and the cluster has not looked since.
    if (!isKnown && (repository.artifact?.updatedAt ?? Number.POSITIVE_INFINITY) > tip.commit.at)
      return doneAt(repository.artifact?.updatedAt);
    const which = isKnown ? '' : ', which the branch does not hold any more';
    const text = `commit ${tip.commit.hash.slice(0, 7)} is on the branch, the cluster has ${hash.slice(0, 7)}${which}`;
    const evidence = [
      { of: `Tip of ${branch}`, text: `${tip.commit.hash.slice(0, 7)} ${tip.commit.subject}`, at: tip.commit.at },
      ...common.evidence,
    ];
    const detail = { ...common, evidence, since: tip.commit.at, usualMs, steps: now, remedy: wait };
    return diagnose(waitingFault('source-behind', text, detail));
  });
}

/** By the condition that says which of its works has failed; what stands in Ready is the same text. */
function remedyFor({ conditions }: GitRepository): string {
  const is = (type: string, status: Condition['status']): boolean => conditionOf(conditions, type)?.status === status;
  if (is('SourceVerified', 'False'))
    return 'See whether the Secret in `spec.verify.secretRef` exists and holds the key of whoever signed the commit, or sign it.';
  if (is('StorageOperationFailed', 'True'))
    return 'source-controller cannot store what it fetched: see its volume and its log.';
  if (is('IncludeUnavailable', 'True'))
    return 'Mend the GitRepository that `spec.include` names: this one waits for it.';
  return 'See whether the Git server answers from the cluster, whether `spec.url` and `spec.ref` are right, and what `spec.secretRef` holds: a login, a certificate, known hosts.';
}
