import type { ForgeFacts, RunState, WorkflowRun } from '../../../src/model/facts';

const path = '.github/workflows/promote-production.yml';

/** A service's repository with a promotion workflow, and its newest run as it is meant. */
export function forgeWith(state?: RunState): ForgeFacts {
  const at = Date.now();
  const run: WorkflowRun | undefined = state && {
    id: 7,
    url: 'https://forge.invalid/runs/7',
    workflow: path,
    state,
    createdAt: at,
    updatedAt: at,
    steps: [{ name: 'Retag', state }],
  };
  return {
    forge: { title: 'GitHub', isExperimental: false, lacks: [] },
    owner: 'acme',
    repository: 'backend',
    defaultBranch: 'main',
    workflows: [{ name: 'Promote to production', path, inputs: [] }],
    commits: [],
    runs: run === undefined ? [] : [run],
  };
}
