// What rows, tooltips and explanations say, in words.
import { formatAge } from '../model/duration';
import type { Link, Placement, UndoneRevert } from '../model/fleet';
import type { ImageTag } from '../model/image';
import type { AliasTag, PlacementLineage } from '../model/lineage';
import { problemOf, type Reading } from '../model/reading';
import { worstLink } from './chain';

export function uncheckedText(context: string): string {
  return `The certificate of the cluster ${context} is not checked (insecure-skip-tls-verify): whoever sits in between can read the credentials. Give the kubeconfig its certificate-authority-data.`;
}

export function cellLines(placement: Placement, now: number): readonly string[] {
  return [
    cellLine('Selected', placement.selected, now),
    cellLine('Written', placement.written, now),
    cellLine('Running', placement.running, now),
    `Environment found by: ${placement.rule}`,
  ];
}

/** A cell says its value, its source's trouble and its age. */
export function cellLine(name: string, reading: Reading<ImageTag | undefined>, now: number): string {
  const problem = problemOf(reading);
  if (reading.state === 'unknown') return `${name}: unknown. ${reading.problem.message}`;
  const tag =
    reading.value === undefined
      ? 'nothing'
      : `${reading.value.tag}${reading.value.digest === undefined ? '' : ` @ ${reading.value.digest.slice(0, 19)}`}`;
  const age = reading.at === 0 ? '' : ` (seen ${formatAge(now - reading.at)} ago)`;
  return `${name}: ${tag}${age}${problem === undefined ? '' : `. ${problem.message}`}`;
}

export function worstLines(placement: Placement): readonly string[] {
  const worst = worstLink(placement.chain);
  return [
    ...(worst === undefined ? [] : [`${capitalise(worst.name)}: ${linkText(worst)}`]),
    ...(placement.drift === undefined ? [] : [driftText(placement)]),
    ...(placement.undone === undefined ? [] : [undoneText(placement.undone)]),
    ...(placement.lineage === undefined ? [] : [`Lineage: ${lineageText(placement.lineage)}`]),
    ...placement.holds.map((hold) => hold.text),
    ...placement.problems.map((problem) => problem.message),
  ];
}

export function undoneText({ revert, writeBack, tag }: UndoneRevert): string {
  return `Revert undone: ${revert.author.name} reverted to an earlier tag in ${revert.hash.slice(0, 7)}, and image automation wrote ${tag} again in ${writeBack.hash.slice(0, 7)}. A plain revert does not hold: use Roll Back.`;
}

export function lineageText({ verdict, environment, source, problem }: PlacementLineage): string {
  if (source === undefined) return `${verdict}: no build of ${environment} has its commit, so it was not tested there`;
  switch (verdict) {
    case 'same':
      return `same image as ${source}`;
    case 'wrapped':
      return `same image as ${source}, under another digest`;
    case 'different':
      return `different: not the image that was tested as ${source}`;
    default:
      return `unknown against ${source}. ${problem?.message ?? ''}`.trimEnd();
  }
}

export function aliasText({ tag, isSame }: AliasTag): string {
  return isSame ? `${tag} names this image` : `${tag} names another image: whoever pulls by it gets that one`;
}

export function linkText({ link }: Link): string {
  switch (link.state) {
    case 'done':
      return 'done';
    case 'unknown':
      return `unknown. ${link.problem.message}`;
    default:
      return `${link.state}: ${link.reason}`;
  }
}

export function driftText(placement: Placement): string {
  const { drift } = placement;
  if (drift === undefined) return '';
  const who = drift.manager === undefined ? '' : ` Changed by ${drift.manager}.`;
  return `Drifted from Git: ${drift.workload.namespace}/${drift.workload.name} runs ${drift.found}, Git says ${drift.expected}.${who} ${
    drift.stays === true
      ? 'Its Kustomization is suspended, so it stays.'
      : 'Flux puts it back at its next reconcile; any commit in the repository does it too.'
  }`;
}

export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
