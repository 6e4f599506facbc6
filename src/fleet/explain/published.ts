// published: the tag is in the registry.
import type { Diagnosis, Steps } from '../../model/fault';
import { valueOf } from '../../model/reading';
import { type DiagnosisInput, diagnose, done, failedFault, refer, unknownFor, waitingFault } from './diagnosis';
import { scansStep } from './steps';

/** A commit's time has whole seconds. */
const secondMs = 1000;

export function diagnosePublished({ registry, selected, written, writtenAt, placement }: DiagnosisInput): Diagnosis {
  const tag = valueOf(selected)?.tag ?? valueOf(written)?.tag;
  if (registry === undefined) {
    return unknownFor({ code: 'not-read-yet', message: 'The registry has not been read yet.' });
  }
  if (registry.state === 'unknown') return unknownFor(registry.problem);
  if (tag === undefined || registry.value.tags.includes(tag)) return done;
  if (registry.state === 'stale') return unknownFor(registry.problem);
  const evidence = [
    {
      of: `Registry, ${placement.image}`,
      text: `${registry.value.tags.length} tags, ${tag} is not among them`,
      at: registry.at,
    },
  ];
  const steps: Steps = [scansStep(placement.imageRepository && refer(placement.imageRepository.object))];
  const isWritten = tag === valueOf(written)?.tag;
  if (!isWritten || (writtenAt !== undefined && registry.at < writtenAt + secondMs)) {
    const since = isWritten ? `${tag} was written since` : `the cluster knows ${tag} already`;
    const text = `${since}, the tags that were read here do not have it yet`;
    return diagnose(
      waitingFault('registry-behind', text, { evidence, steps, remedy: 'Refresh: the tags are read again.' }),
    );
  }
  return diagnose(
    failedFault('tag-missing', `${placement.image}:${tag} is not in the registry`, {
      evidence,
      steps,
      remedy: {
        text: `No new pod can start with it. Push ${tag} again, or go back to a tag that is there.`,
        command: 'rollBack',
      },
    }),
  );
}
