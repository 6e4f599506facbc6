// The three failure scenarios of the lab, each as somebody outside would cause it: a push to the GitOps repository, or a write to
// the cluster under kubectl's name. Nothing is told to the lab, and nothing here mends: that is the user's exercise.
import { ProblemError } from '../model/problem';
import { overlayFolder } from './content/fluxState';
import { type FileChange, pushChange, withMain } from './mainBranch';
import { undoRollout } from './rolloutUndo';
import { readState } from './state';

export const breakageNames = ['production-does-not-update', 'wrong-environment', 'rollout-undo'] as const;
export type Breakage = (typeof breakageNames)[number];

export function isBreakage(name: string): name is Breakage {
  return breakageNames.some((known) => known === name);
}

const production = overlayFolder('backend', 'production');
const staging = overlayFolder('backend', 'staging');

const pushes: Readonly<Record<Exclude<Breakage, 'rollout-undo'>, FileChange>> = {
  'production-does-not-update': {
    message: 'chore(production): use the short environment name in tags\n\nAs agreed in the naming review.\n',
    replacements: [
      { file: `${production}/image-policy.yaml`, from: "pattern: '^production-v", to: "pattern: '^prod-v" },
    ],
  },
  'wrong-environment': {
    message: 'refactor(backend): one automation for all overlays\n\nThe overlays differ in nothing but the tag.\n',
    replacements: [
      { file: `${staging}/image-update-automation.yaml`, from: `path: ./${staging}`, to: 'path: ./flux/apps/backend' },
      { file: `${production}/kustomization.yaml`, from: '"production:backend:tag"', to: '"staging:backend:tag"' },
    ],
  },
};

/** Breaks the running lab in `folder`; returns what was done, for a person. Throws ProblemError. */
export async function applyBreakage(folder: string, breakage: Breakage): Promise<string> {
  const state = await readState(folder);
  if (state === undefined) {
    const message = `There is no practice lab in ${folder}. Run Open Practice Lab to make one.`;
    throw new ProblemError({ code: 'lab-missing', message, remedy: 'openPracticeLab' });
  }
  const deadline = AbortSignal.timeout(30_000);
  if (breakage === 'rollout-undo') {
    return withMain(state.ports.git, deadline, (main) => undoRollout(folder, state, main, deadline));
  }
  const change = pushes[breakage];
  const commit = await withMain(state.ports.git, deadline, (main) => pushChange(main, change, deadline));
  return `Pushed ${commit.slice(0, 7)} to main: ${change.message.split('\n')[0] ?? ''}`;
}
