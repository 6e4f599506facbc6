// A rollback changes the rule by which Flux selects, and Flux itself writes the older tag; where there is no rule, or where it
// rests, the tag is simply written. Every way is proved by the selection engine, and refused where it does not hold.
import type { PlacementsOf } from '../fleet/rememberPlacements';
import type { Facts } from '../model/facts';
import type { Fleet } from '../model/fleet';
import { optional } from '../model/optional';
import { type CommitPlan, type Refusal, refuse, type Way, type WayName, type Ways } from './plan';
import { isBlocked } from './rollback/applied';
import type { Draft, DraftOf } from './rollback/draft';
import { describeExclusion, draftExclusion, refuseSilence } from './rollback/exclude';
import { changesOf, formatMessage } from './rollback/message';
import { describePin, draftPin } from './rollback/pin';
import { answerOf, proveSelection } from './rollback/proof';
import { describeRepair, draftRepair } from './rollback/repair';
import { deriveSituation, policyName, type RollbackIntent, type Situation } from './rollback/situation';
import {
  describeDrill,
  describeSuspension,
  describeWrite,
  draftDigest,
  draftDrill,
  draftSuspension,
  draftWrite,
  isResting,
} from './rollback/write';

export type { RollbackIntent } from './rollback/situation';

interface WayKind {
  readonly title: string;
  readonly describe: (situation: Situation) => string;
  readonly draft: DraftOf;
}

const kinds: Readonly<Record<WayName, WayKind>> = {
  exclude: { title: 'Exclude the Tag', describe: describeExclusion, draft: draftExclusion },
  pin: { title: 'Pin the Policy', describe: describePin, draft: draftPin },
  drill: { title: 'Revert Without the Marker', describe: describeDrill, draft: draftDrill },
  suspend: { title: 'Suspend the Automation', describe: describeSuspension, draft: draftSuspension },
  digest: { title: 'Hold the Digest', describe: () => 'The tag moves; only its digest stays.', draft: draftDigest },
  write: { title: 'Write the Tag', describe: describeWrite, draft: draftWrite },
  repair: { title: 'Repair and Write the Tag', describe: describeRepair, draft: draftRepair },
};

/** A refusal where no way is possible at all. Hand in `rememberPlacements` where facts come again and again. */
export function planRollback(
  fleet: Fleet,
  facts: Facts,
  intent: RollbackIntent,
  placementsOf?: PlacementsOf,
): Ways | Refusal {
  const situation = deriveSituation(fleet, facts, intent, placementsOf);
  if ('kind' in situation) return situation;
  const ways = orderOf(situation).map((name) => planWay(situation, name));
  const recommended = ways.find(
    (way): way is Way & { plan: CommitPlan } => way.plan.kind === 'commit' && doesHold(situation, way),
  );
  const others = ways.filter((way) => way !== recommended);
  if (others.some(({ plan }) => plan.kind === 'commit') || recommended !== undefined) {
    return { kind: 'ways', others, ...optional('recommended', recommended) };
  }
  const [first] = ways;
  return first?.plan.kind === 'refusal' ? first.plan : refuse('There is no way to roll back here.');
}

function doesHold(situation: Situation, { name }: Way): boolean {
  if (name === 'write') return isResting(situation);
  return (
    name !== 'exclude' || (situation.environment.isProduction && !isBlocked(situation, situation.here.imageRepository))
  );
}

/** The recommended way is the first one that is possible and holds. */
function orderOf(situation: Situation): readonly WayName[] {
  const { here, intent, environment } = situation;
  if (situation.repaired !== undefined) return ['repair'];
  if (intent.digest !== undefined && intent.tag === situation.written.tag) return ['digest', 'suspend'];
  if (here.policy === undefined && here.marker === undefined) return ['write'];
  if (isResting(situation)) return ['write', 'pin', 'exclude'];
  if (isBlocked(situation, here.policy)) return ['exclude', 'drill', 'pin', 'suspend', 'write'];
  return environment.isProduction
    ? ['exclude', 'pin', 'drill', 'suspend', 'write']
    : ['pin', 'exclude', 'drill', 'suspend', 'write'];
}

function planWay(situation: Situation, name: WayName): Way {
  const { title, describe, draft: draftOf } = kinds[name];
  const draft = draftOf(situation);
  const plan = draft.kind === 'refusal' ? draft : provePlan(situation, draft);
  return { name, title, reason: describe(situation), plan };
}

/** Nothing is written that does not select exactly the target. */
function provePlan(situation: Situation, draft: Draft): CommitPlan | Refusal {
  const { tags, intent, repository } = situation;
  if (intent.rule !== undefined && draft.second !== undefined) {
    return refuse(
      `This takes two commits, and ${repository.branch} asks for ${intent.rule}.`,
      'Exclude or pin instead.',
    );
  }
  const moved: string[] = [];
  if (draft.selects !== undefined) {
    if ('code' in tags) return refuseSilence(tags.message);
    const proof = proveSelection(situation, draft, tags);
    const answer = proof.here === undefined ? 'nothing' : answerOf(proof.here);
    if (answer !== draft.selects) {
      return refuse(
        `The policy ${policyName(situation)} would select ${answer}, not ${intent.tag}.`,
        'Choose another way.',
      );
    }
    const elsewhere = proof.moved.filter(({ to }) => to !== draft.selects);
    if (elsewhere.length > 0) {
      const names = elsewhere.map(({ name, to }) => `${name} (to ${to})`).join(', ');
      return refuse(`This would also move ${names}, which select from the same tags.`, 'Choose another way.');
    }
    moved.push(...proof.moved.map(({ name }) => name));
  }
  const changes = changesOf(situation, draft);
  if (changes.length === 0) return refuse('Nothing would change: the files say so already.');
  return commitPlan(situation, draft, changes, moved);
}

function commitPlan(
  situation: Situation,
  draft: Draft,
  changes: CommitPlan['changes'],
  moved: readonly string[],
): CommitPlan {
  const { intent, repository, content, written, undoes } = situation;
  const { service, environment, tag } = intent;
  return {
    kind: 'commit',
    title: `Roll back ${service} in ${environment}`,
    folder: repository.folder,
    remote: repository.remote.name,
    branch: repository.branch,
    base: content.commit.hash,
    changes,
    message: formatMessage(situation, draft),
    target: { service, environment, tag },
    from: written.tag,
    ...optional('undoes', undoes),
    ...optional('second', draft.second),
    summary: [
      draft.does,
      ...(moved.length === 0 ? [] : [`It moves along: ${moved.join(', ')}.`]),
      ...(undoes === undefined
        ? []
        : [`This undoes the write-back ${undoes.hash.slice(0, 7)} by ${undoes.author.name}.`]),
      ...draft.summary,
      ...blockedLine(situation),
      ...aliasLine(situation),
    ],
  };
}

function blockedLine({ placement: { blockage } }: Situation): readonly string[] {
  if (blockage === undefined) return [];
  const until =
    blockage.until === undefined ? '' : ` until ${new Date(blockage.until).toISOString().slice(11, 16)} UTC`;
  return [
    `The Kustomization ${blockage.kustomization.name} waits for the health of what it has applied${until}, and looks at nothing newer before that. The emergency undo ends the wait.`,
  ];
}

function aliasLine({ tags, intent, written }: Situation): readonly string[] {
  const { environment } = intent;
  return 'includes' in tags && tags.includes(environment)
    ? [`The moving tag ${environment} in the registry is not moved: it may still name the image of ${written.tag}.`]
    : [];
}
