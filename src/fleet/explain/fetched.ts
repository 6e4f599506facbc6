// fetched: source-controller has the commit. Reasons: its api/v1/condition_types.go.
import type { Diagnosis, Steps } from '../../model/fault';
import { valueOf } from '../../model/reading';
import { branchOf } from '../../model/repositoryIdentity';
import { parseRevision } from '../../model/revision';
import {
  type DiagnosisInput,
  diagnose,
  done,
  doneAt,
  failedFault,
  failingCondition,
  ofObject,
  refer,
  unknownFor,
  waitingFault,
  withObject,
} from './diagnosis';
import { reconcileStep, resumeStep } from './steps';

export function diagnoseFetched({ live, content, placement, branch }: DiagnosisInput): Diagnosis {
  const reference = valueOf(live.kustomization)?.sourceRef;
  const missing = { code: 'source-missing', kind: 'GitRepository', reference } as const;
  return withObject(live.gitRepository, missing, placement, (repository, state) => {
    const common = ofObject(repository);
    const now: Steps = [reconcileStep(refer(repository))];
    if (repository.isSuspended) {
      const steps: Steps = [resumeStep(refer(repository)), ...common.steps];
      const remedy = 'Resume the source: nothing new is fetched before.';
      return diagnose(failedFault('source-suspended', 'fetching is suspended', { ...common, steps, remedy }));
    }
    const { ref } = repository;
    const followed = branchOf(repository);
    if (followed === undefined) {
      const to = ref.commit ?? ref.tag ?? ref.semver ?? ref.name ?? '';
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
        ? 'Renew the credentials in `spec.secretRef`.'
        : 'See whether the Git server answers from the cluster, and `spec.url` and `spec.ref` are right.';
      return diagnose(failedFault(code, state.reason, { ...common, since: state.since, remedy }));
    }
    const tip = valueOf(content);
    const hash = repository.artifact === undefined ? undefined : parseRevision(repository.artifact.revision).hash;
    const usualMs = repository.intervalMs;
    const wait = { text: 'Wait for the interval, or ask Flux to fetch now.', command: 'reconcileNow' } as const;
    if (hash === undefined) {
      const detail = { ...common, usualMs, steps: now, remedy: wait };
      return diagnose(waitingFault('source-pending', 'nothing has been fetched yet', detail));
    }
    if (tip === undefined) return content.state === 'unknown' ? unknownFor(content.problem) : done;
    if (tip.commit.hash === hash || !tip.recent.includes(hash)) return doneAt(repository.artifact?.updatedAt);
    const text = `commit ${tip.commit.hash.slice(0, 7)} is on the branch, the cluster has ${hash.slice(0, 7)}`;
    const evidence = [
      { of: `Tip of ${branch}`, text: `${tip.commit.hash.slice(0, 7)} ${tip.commit.subject}`, at: tip.commit.at },
      ...common.evidence,
    ];
    const detail = { ...common, evidence, since: tip.commit.at, usualMs, steps: now, remedy: wait };
    return diagnose(waitingFault('source-behind', text, detail));
  });
}
