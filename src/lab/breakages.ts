// The three failure scenarios of the lab, each as somebody outside would cause it: a push to the GitOps repository, or a write to
// the cluster under kubectl's name. Nothing is told to the lab, and nothing here mends: that is the user's exercise.
import { setTimeout } from 'node:timers/promises';
import { ProblemError } from '../model/problem';
import { textAt } from './cluster/json';
import { overlayFolder } from './content/fluxState';
import { cannotPlay, type FileChange, pushChange, withMain } from './mainBranch';
import { type Api, apiOf } from './outsiderApi';
import { undoRollout } from './rolloutUndo';
import { readState } from './state';

export const breakageNames = ['production-does-not-update', 'wrong-environment', 'rollout-undo'] as const;
export type Breakage = (typeof breakageNames)[number];

export function isBreakage(name: string): name is Breakage {
  return breakageNames.some((known) => known === name);
}

const production = overlayFolder('backend', 'production');
const staging = overlayFolder('backend', 'staging');

/** One commit after the other; `once` must be so in the cluster before a commit is pushed. */
type Pushes = readonly (FileChange & { readonly once?: (api: Api, signal: AbortSignal) => Promise<boolean> })[];

const patienceMs = 20_000;
const noMatter = (): Promise<boolean> => Promise.resolve(true);
const widePath = './flux/apps/backend';
const automation = '/apis/image.toolkit.fluxcd.io/v1/namespaces/staging/imageupdateautomations/backend';

const pushes: Readonly<Record<Exclude<Breakage, 'rollout-undo'>, Pushes>> = {
  'production-does-not-update': [
    {
      message: 'chore(production): use the short environment name in tags\n\nAs agreed in the naming review.\n',
      replacements: [
        { file: `${production}/image-policy.yaml`, from: "pattern: '^production-v", to: "pattern: '^prod-v" },
      ],
    },
  ],
  // An automation looks at its files again when the branch moves, not when its own path does: so the path goes first.
  'wrong-environment': [
    {
      message: 'refactor(backend): one automation for all overlays\n\nThe overlays differ in nothing but the tag.\n',
      replacements: [
        { file: `${staging}/image-update-automation.yaml`, from: `path: ./${staging}`, to: `path: ${widePath}` },
      ],
    },
    {
      message: 'refactor(backend): one marker for all overlays\n',
      replacements: [
        { file: `${production}/kustomization.yaml`, from: '"production:backend:tag"', to: '"staging:backend:tag"' },
      ],
      once: async (api, signal) =>
        textAt(await api('GET', automation, undefined, signal), 'spec', 'update', 'path') === widePath,
    },
  ],
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
  const api = await apiOf(folder, state);
  return withMain(state.ports.git, deadline, async (main) => {
    const told: string[] = [];
    for (const { once = noMatter, ...change } of pushes[breakage]) {
      await untilSo(() => once(api, deadline));
      const commit = await pushChange(main, change, deadline);
      told.push(`Pushed ${commit.slice(0, 7)} to main: ${change.message.split('\n')[0] ?? ''}`);
    }
    return told.join('\n');
  });
}

async function untilSo(isSo: () => Promise<boolean>): Promise<void> {
  const patience = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > patience) throw cannotPlay('Flux does not take up the first commit');
    await setTimeout(250);
  }
}
