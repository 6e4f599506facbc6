// Promotions that are commits: the tag written where nobody automates it, and the exclusion of a build lifted. Each carries
// its own record: who and when by the commit, all else by trailers.
import { parseTag } from '../../fleet/tagParts';
import type { Fleet } from '../../model/fleet';
import { optional } from '../../model/optional';
import { valueOf } from '../../model/reading';
import type { CommitPlan, Refusal } from '../plan';
import { refuse } from '../plan';
import type { Preflight } from '../preflight';
import { liftExclusion } from '../rollback/lift';
import { draftLines } from '../rollback/lines';
import { changesOf, formatCommit, placeTrailers } from '../rollback/message';
import { answerOf, proveSelection } from '../rollback/proof';
import { deriveSituation, deriveStanding, type Standing } from '../rollback/situation';

/** A digest beside the tag goes along with it. */
export function planWrite(preflight: Preflight, fleet: Fleet, reason: string): CommitPlan | Refusal {
  const { facts, target, candidate, source } = preflight;
  const { service, environment } = target;
  const intent = { service, environment, tag: candidate.targetTag, reason };
  const situation = deriveSituation(fleet, facts, { ...intent, ...digestFor(candidate) });
  if ('kind' in situation) return situation;
  const lines = draftLines(situation, 'keep');
  if (lines.kind === 'refusal') return lines;
  const does = `${situation.written.tag} is replaced by ${candidate.targetTag}, which ${source.environment} has tested.`;
  return commitOf(preflight, situation, lines.files, does, reason);
}

/** A tag that was made for the target names the same image: its own digest is looked up. */
function digestFor({ tag, targetTag, digest }: Preflight['candidate']) {
  return tag === targetTag ? optional('digest', digest) : {};
}

export function planLift(preflight: Preflight, fleet: Fleet, reason: string): CommitPlan | Refusal {
  const { facts, target, candidate } = preflight;
  const standing = deriveStanding(fleet, facts, target);
  if ('kind' in standing) return standing;
  const files = liftExclusion(standing, [candidate.targetTag]);
  if ('kind' in files) return files;
  const { tags } = standing;
  if ('code' in tags) return refuse(`What is selected then cannot be proved. ${tags.message}`);
  const { targetTag } = candidate;
  const { here, moved } = proveSelection(standing, { files }, [...new Set([...tags, targetTag])]);
  const answer = here === undefined ? 'nothing' : answerOf(here);
  if (answer !== targetTag) {
    return refuse(`Without its exclusion ${answer} would be selected, not ${targetTag}.`, 'Choose another build.');
  }
  const along = moved.map(({ name, to }) => `${name} (to ${to})`).join(', ');
  const does = `${targetTag} is no longer excluded.`;
  return commitOf(preflight, standing, files, along === '' ? does : `${does} It moves along: ${along}.`, reason);
}

/** Which commits of the service's repository come along, where both tags name theirs. */
function commitsTrailer({ source, target, candidate }: Preflight, from: string): readonly string[] {
  const [before, after] = [
    (target.tagParts.get(from) ?? parseTag(from)).commit,
    (source.tagParts.get(candidate.tag) ?? parseTag(candidate.tag)).commit,
  ];
  return before === undefined || after === undefined ? [] : [`Flux-Promote-Commits: ${before}..${after}`];
}

function commitOf(
  preflight: Preflight,
  standing: Standing,
  files: ReadonlyMap<string, string>,
  does: string,
  reason: string,
): CommitPlan | Refusal {
  const { source, target, candidate, lines } = preflight;
  const { repository, content } = standing;
  const changes = changesOf(standing, { files });
  if (changes.length === 0) return refuse('Nothing would change: the files say so already.');
  const from = valueOf(target.written)?.tag ?? '';
  const passed = lines.filter(({ verdict }) => verdict === 'passed').length;
  return {
    kind: 'commit',
    title: `Promote ${target.service} to ${target.environment}`,
    folder: repository.folder,
    remote: repository.remote.name,
    branch: repository.branch,
    base: content.commit.hash,
    changes,
    message: formatCommit({
      subject: `Promote ${target.service} to ${target.environment}: ${candidate.targetTag}`,
      reason,
      does,
      trailers: [
        'Flux-Promote: promotion',
        ...placeTrailers(target),
        `Flux-Promote-From: ${from}`,
        `Flux-Promote-To: ${candidate.targetTag}`,
        `Flux-Promote-Source: ${source.environment} ${candidate.tag}${candidate.digest === undefined ? '' : ` ${candidate.digest}`}`,
        ...commitsTrailer(preflight, from),
        `Flux-Promote-Verification: ${passed} of ${lines.length} checks passed`,
      ],
    }),
    target: { service: target.service, environment: target.environment, tag: candidate.targetTag },
    from,
    summary: [does, ...lines.filter(({ verdict }) => verdict === 'unknown').map(({ text }) => `Not known: ${text}`)],
  };
}
