// Flux's controllers over the lab's cluster. They see Git through its remote, images through the registry's API, and the cluster
// through the store's API rules; who wrote what they find there, they do not know.
import { join } from 'node:path';
import type { Store } from '../cluster/store';
import type { ControllerConstants } from './constants';
import { GitMirror } from './gitMirror';
import { startImageAutomationController } from './imageAutomationController';
import { startImageReflectorController } from './imageReflectorController';
import { startKustomizeController } from './kustomizeController';
import { startSourceController } from './sourceController';

export interface ControllersOptions {
  readonly store: Store;
  /** For what is fetched; may be deleted while nothing runs. */
  readonly cache: string;
  readonly constants: ControllerConstants;
  /** A reconcile threw what it should have handled. It is tried again. */
  readonly onBug: (error: unknown) => void;
}

export interface RunningControllers {
  /** Settles when every reconcile has ended. */
  stop(): Promise<void>;
}

export async function startControllers({
  store,
  cache,
  constants,
  onBug,
}: ControllersOptions): Promise<RunningControllers> {
  const [artifacts, clones] = await Promise.all([
    GitMirror.open(join(cache, 'source.git')),
    GitMirror.open(join(cache, 'automation.git')),
  ]);
  const running = [
    startSourceController(store, artifacts, constants, onBug),
    startKustomizeController(store, artifacts, constants, onBug),
    startImageReflectorController(store, constants, onBug),
    startImageAutomationController(store, clones, constants, onBug),
  ];
  return {
    stop: async () => {
      await Promise.all(running.map((controller) => controller.stop()));
    },
  };
}
