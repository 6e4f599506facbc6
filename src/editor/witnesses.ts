// Who is asked beside the world's own facts: the history of the file at fault, and in the cluster its object's events and its
// controller's log. What may not be seen is said.
import { readEvents } from '../base/kubernetes/events';
import { hearWitnesses, type Witnesses } from '../fleet/explain/enrich';
import type { Explanation } from '../fleet/explain/explanation';
import type { Commit } from '../model/facts';
import type { Repair } from '../model/fault';
import type { Placement } from '../model/fleet';
import { ProblemError } from '../model/problem';
import { readControllerLog } from '../sources/controllerLog';
import type { ClusterAccess } from './clusterAccess';

/** Of the followed branch. Both reject with `git-…` problems. */
export interface FileHistory {
  lastCommit(folder: string, file: string, signal: AbortSignal): Promise<Commit | undefined>;
  /** The file as it was before the commit, which must be the last that changed it. */
  undo(folder: string, file: string, commit: Commit, signal: AbortSignal): Promise<Repair | undefined>;
}

export function historyWitnesses(history: FileHistory, { writtenAt }: Placement, signal: AbortSignal): Witnesses {
  if (writtenAt === undefined) return {};
  const { folder } = writtenAt;
  return {
    lastCommit: (file) => history.lastCommit(folder, file, signal),
    undo: (file, commit) => history.undo(folder, file, commit, signal),
  };
}

export function clusterWitnesses(
  clusters: Pick<ClusterAccess, 'read'>,
  { context }: Placement,
  signal: AbortSignal,
): Witnesses {
  if (context === undefined) return {};
  return {
    events: (object) => clusters.read(context, (reader) => readEvents(reader, object, signal)),
    log: (controller) => clusters.read(context, (reader) => readControllerLog(reader, controller, signal)),
  };
}

export async function hear(said: Explanation, witnesses: Witnesses): Promise<Explanation> {
  return await hearWitnesses(said, witnesses, (error) => {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  });
}
