// Repairs what an explanation has found wrong in Git, where it knows the edit: a marker, a path. Planned anew on every tip.

import type { Facts } from '../model/facts';
import type { Fault } from '../model/fault';
import type { Placement } from '../model/fleet';
import { valueOf } from '../model/reading';
import { type CommitPlan, type Refusal, refuse } from './plan';
import { repairsOf } from './repairs';
import { formatCommit, placeTrailers } from './rollback/message';

export function planRepair(facts: Facts, placement: Placement, faults: readonly Fault[]): CommitPlan | Refusal {
  const { service, environment } = placement;
  const repairable = faults.filter(({ repair }) => repair !== undefined);
  if (repairable.length === 0) {
    return refuse(
      `Nothing of ${service} in ${environment} can be mended by an edit.`,
      "Why Didn't It Update? says what helps.",
    );
  }
  const repository = facts.repositories.find(({ folder }) => folder === placement.writtenAt?.folder);
  const content = valueOf(repository?.content);
  if (repository === undefined || content === undefined)
    return refuse(`The repository of ${service} cannot be read now.`);
  const changes = repairsOf(repairable);
  const moved = changes.find(({ file, before }) => content.files.get(file) !== before);
  if (moved !== undefined) {
    return refuse(`${moved.file} is another one by now.`, "Ask Why Didn't It Update? again.");
  }
  const does = repairable.map(({ remedy }) => remedy.text).join(' ');
  const tag = valueOf(placement.written)?.tag ?? '';
  return {
    kind: 'commit',
    title: `Repair ${service} in ${environment}`,
    folder: repository.folder,
    remote: repository.remote.name,
    branch: repository.branch,
    base: content.commit.hash,
    changes,
    message: formatCommit({
      subject: `Repair the delivery of ${service} in ${environment}`,
      reason: repairable.map(({ text }) => `${text}.`).join(' '),
      does,
      trailers: ['Flux-Promote: repair', ...placeTrailers({ service, environment })],
    }),
    target: { service, environment, tag },
    from: tag,
    summary: repairable.map(({ remedy }) => remedy.text),
  };
}
