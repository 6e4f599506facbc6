// requested, built: the promotion run that the chain begins with.
import type { WorkflowRun } from '../../model/facts';
import type { Evidence, Steps } from '../../model/fault';
import { runEnd } from '../promotionRuns';
import { diagnose, doneAt, failedFault, type LinkDiagnosis, waitingFault } from './diagnosis';
import { runStep } from './steps';

export function diagnoseRun(run: WorkflowRun): readonly LinkDiagnosis[] {
  return [
    { name: 'requested', diagnosis: doneAt(run.createdAt) },
    { name: 'built', diagnosis: diagnoseBuild(run) },
  ];
}

function diagnoseBuild(run: WorkflowRun) {
  if (run.state === 'succeeded') return doneAt(run.updatedAt);
  const steps: Steps = [runStep(run)];
  const evidence: readonly Evidence[] = [
    { of: `Run ${run.id} of ${run.workflow}`, text: run.url, at: run.updatedAt },
    ...run.steps.filter(({ state }) => state === 'failed').map(({ name }) => ({ of: 'Failed step', text: name })),
  ];
  if (run.state === 'failed' || run.state === 'cancelled') {
    const code = run.state === 'failed' ? 'run-failed' : 'run-cancelled';
    const remedy = {
      text: `Read the step's log at ${run.url}, mend what it says, and promote again.`,
      command: 'promote',
    } as const;
    return diagnose(
      failedFault(code, `run ${run.id} ${runEnd(run)}`, {
        since: run.updatedAt,
        evidence,
        steps,
        remedy,
      }),
    );
  }
  const since = run.createdAt;
  if (run.state === 'waiting') {
    const remedy = { text: `Somebody who may approve it decides at ${run.url}.`, command: 'approveRun' } as const;
    return diagnose(
      waitingFault('run-waiting', `run ${run.id} waits for an approval`, { since, evidence, steps, remedy }),
    );
  }
  const step = run.steps.find(({ state }) => state === 'running');
  const where = step === undefined ? `is ${run.state}` : `runs step "${step.name}"`;
  return diagnose(
    waitingFault('run-going', `run ${run.id} ${where}`, { since, evidence, steps, remedy: 'Wait for the run.' }),
  );
}
