// Ways that write the tag itself: simply, where nobody automates it or its automation rests; with a suspended automation; and
// the lab's drill, which takes the markers off in the same commit and puts them back in a second one.
import { keyOf } from '../../fleet/placements';
import { applyEdits } from '../../manifests/edits';
import { editField } from '../../manifests/fieldEdits';
import { formatAge } from '../../model/duration';
import { type Refusal, refuse } from '../plan';
import { isBlocked, refuseUnapplied } from './applied';
import type { Draft } from './draft';
import { draftExclusion } from './exclude';
import { draftLines } from './lines';
import { draftPin } from './pin';
import { refuteEffect } from './proof';
import { policyName, type Situation } from './situation';

export function draftWrite(situation: Situation): Draft | Refusal {
  const lines = draftLines(situation, 'keep');
  if (lines.kind === 'refusal') return lines;
  const { intent, written } = situation;
  const holds = isResting(situation) ? [] : [undoneAt(situation)];
  return { kind: 'draft', files: lines.files, does: `${written.tag} is replaced by ${intent.tag}.`, summary: holds };
}

/** Whether nothing writes the line: no policy, no marker, or an automation that is suspended. */
export function isResting({ here, automation }: Situation): boolean {
  return here.marker === undefined || automation?.isSuspended === true;
}

export function describeWrite(situation: Situation): string {
  const { here, automation } = situation;
  if (here.policy === undefined && here.marker === undefined) return 'Nobody automates this tag: it is simply written.';
  if (here.marker === undefined) return 'The line has no marker, so nothing writes it back.';
  if (automation?.isSuspended === true)
    return 'The automation is suspended: what is written stays until it is resumed.';
  return `Does not hold. ${undoneAt(situation)}`;
}

/** A plain revert is undone by the automation's next run: image-automation-controller remembers none. */
function undoneAt({ automation, written }: Situation): string {
  const every = automation === undefined ? undefined : formatAge(automation.intervalMs);
  const next = automation?.lastRunAt === undefined ? undefined : automation.lastRunAt + automation.intervalMs;
  const at = next === undefined ? '' : `, at ${new Date(next).toISOString().slice(11, 16)} UTC at the latest`;
  return `Flux writes ${written.tag} again at its automation's next run${every === undefined ? '' : ` (every ${every})`}${at}.`;
}

export function draftSuspension(situation: Situation): Draft | Refusal {
  const { here, automation, content, intent, declared } = situation;
  const { automation: own } = here;
  if (own === undefined) {
    return refuse(`The ImageUpdateAutomation of ${intent.service} is not declared in this repository.`);
  }
  const name = keyOf(own.object.meta);
  if (automation?.isSuspended === true) return refuse(`The ImageUpdateAutomation ${name} is suspended already.`);
  if (automation !== undefined && automation !== own.object && automation.observedGeneration < 0) {
    return refuse(
      `The ImageUpdateAutomation ${name} has never run: suspended from birth it keeps its Kustomization from getting ready.`,
      'Wait for its first run.',
    );
  }
  const unfit = refuseUnapplied(situation, own, automation, ['HealthCheckFailed', 'DependencyNotReady']);
  if (unfit !== undefined) return unfit;
  const lines = draftLines(situation, 'drop');
  if (lines.kind === 'refusal') return lines;
  const before = lines.files.get(own.file) ?? content.files.get(own.file);
  const edit = before === undefined ? undefined : editField(before, own.document, ['spec', 'suspend'], true);
  if (before === undefined || edit === undefined) {
    return refuse(`The automation in ${own.file} cannot be edited safely.`, 'Set spec.suspend to true by hand.');
  }
  const frozen = declared.filter((one) => one !== here && one.automation === own);
  const names = frozen.map((one) => `${one.service} in ${one.environment}`);
  const draft: Draft = {
    kind: 'draft',
    files: new Map([...lines.files, [own.file, applyEdits(before, [edit])]]),
    does: `ImageUpdateAutomation ${name} is suspended in ${own.file}, and ${intent.tag} is written; the marker is off the line until Flux has seen it.`,
    summary: [
      names.length === 0 ? 'Nothing else freezes.' : `With it freeze ${names.join(', ')}.`,
      'Nothing is written until it is resumed (Resume…).',
    ],
    trailers: markerTrailers(lines.dropped),
    second: 'suspended',
  };
  return refuteEffect(situation, draft, own, (now) => now.isSuspended) ?? draft;
}

export function describeSuspension({ here, declared }: Situation): string {
  const frozen = declared.filter(
    (one) => one !== here && one.automation !== undefined && one.automation === here.automation,
  );
  return frozen.length === 0
    ? 'Holds everything that this automation writes, which is this one.'
    : `Freezes ${frozen.length} more: ${frozen.map((one) => `${one.service} in ${one.environment}`).join(', ')}.`;
}

/** The lab's drill: the lines of the bot's commit restored without their markers, and the rule changed, in one commit. */
export function draftDrill(situation: Situation): Draft | Refusal {
  if (situation.here.marker === undefined) return refuse('The line has no marker that could be taken off.');
  const lines = draftLines(situation, 'drop');
  if (lines.kind === 'refusal') return lines;
  const { content, environment, here, intent } = situation;
  const edited = { ...situation, content: { ...content, files: new Map([...content.files, ...lines.files]) } };
  const isExcluding = environment.isProduction && !isBlocked(situation, here.imageRepository);
  const exclusion = isExcluding ? draftExclusion(edited) : undefined;
  const rule = exclusion?.kind === 'draft' ? exclusion : draftPin(edited);
  if (rule.kind === 'refusal') return rule;
  return {
    ...rule,
    files: new Map([...lines.files, ...rule.files]),
    does: `${intent.tag} is restored without its marker. ${rule.does}`,
    summary: [
      `A second commit puts the marker back as soon as ${policyName(situation)} selects ${intent.tag}.`,
      ...rule.summary,
    ],
    trailers: markerTrailers(lines.dropped),
    second: 'selected',
  };
}

export function describeDrill(situation: Situation): string {
  return situation.placement.blockage === undefined
    ? 'The bot commit reverted by hand, in two commits; the fastest without the cluster.'
    : 'The rule lies behind the failing health check: with the marker off the line nothing can write the bad tag meanwhile.';
}

/** A tag that moves is followed by its digest: the older image is named by digest, and the marker goes. */
export function draftDigest(situation: Situation): Draft | Refusal {
  const { intent } = situation;
  if (intent.digest === undefined) return refuse(`Which image of ${intent.tag} to go back to is not known.`);
  const lines = draftLines(situation, 'drop');
  if (lines.kind === 'refusal') return lines;
  const short = intent.digest.slice(0, 19);
  return {
    kind: 'draft',
    files: lines.files,
    does: `${intent.tag} is held at ${short}…, and its marker is taken off: the tag itself goes on moving.`,
    summary: ['Nothing is written until the marker is back (Resume…).'],
    trailers: markerTrailers(lines.dropped),
  };
}

function markerTrailers(dropped: readonly string[]): readonly string[] {
  return dropped.map((line) => `Flux-Promote-Marker: ${line}`);
}
