// The Activity view: what is on its way, what is held, what drifted, and what waits for a person. Derived like everything else,
// and empty when all is well.
import { formatAge } from '../model/duration';
import type { OpenPull } from '../model/facts';
import type { Departure, Fleet, Hold, Link, Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { worstLink } from './chain';
import { toldDepartures } from './departures';
import { nameOf } from './explain/diagnosis';
import { placementLine, type Row, type RowState } from './rows';
import { driftText, lineageText, linkText, undoneText } from './rowTexts';
import { formatTag } from './tagParts';

/** One thing that goes on with a placement. */
interface Happening {
  /** What goes on, short. */
  readonly text: string;
  /** The same in full, and what to do. */
  readonly detail: string;
  readonly state: RowState;
  readonly since?: number;
}

interface Group {
  readonly name: 'person' | 'way' | 'drifted' | 'held';
  readonly label: string;
  readonly find: (placement: Placement, now: number) => readonly Happening[];
}

/** In the order in which they matter. */
const groups: readonly Group[] = [
  { name: 'person', label: 'Waiting for a person', find: forAPerson },
  { name: 'drifted', label: 'Drifted from Git', find: drifted },
  { name: 'way', label: 'On its way', find: onItsWay },
  { name: 'held', label: 'Held', find: heldBack },
];

export function activityRows(fleet: Fleet, now: number): readonly Row[] {
  const members = fleet.environments.toReversed().flatMap(({ placements }) => placements);
  return groups.flatMap(({ name, label, find }): readonly Row[] => {
    const children = members.flatMap((placement) =>
      find(placement, now).map((happening, at) => happeningRow(name, at, happening, { placement, fleet, now })),
    );
    if (children.length === 0) return [];
    return [
      {
        id: `activity:${name}`,
        kind: 'group',
        label,
        description: `${children.length}`,
        state: children[0]?.state ?? 'plain',
        tooltip: [label],
        spoken: `${label}, ${children.length}`,
        children,
        traits: [],
      },
    ];
  });
}

/** How many things wait for a person: the view's badge. */
export function countWaiting(fleet: Fleet, now: number): number {
  return fleet.environments.flatMap(({ placements }) => placements).flatMap((one) => forAPerson(one, now)).length;
}

interface Place {
  readonly placement: Placement;
  readonly fleet: Fleet;
  readonly now: number;
}

function happeningRow(group: Group['name'], at: number, happening: Happening, { placement, fleet, now }: Place): Row {
  const { text, detail, state, since } = happening;
  const where = `${placement.service} in ${placement.environment}`;
  const description = since === undefined ? text : `${text} · ${formatAge(now - since)}`;
  const row = placementLine(placement, fleet, now);
  return {
    ...row,
    id: `activity:${group}-${at}:${placement.environment}/${placement.service}`,
    label: where,
    description,
    state,
    tooltip: [where, detail, ...(since === undefined ? [] : [`Since ${formatAge(now - since)}.`])],
    spoken: `${where}, ${description}`,
    children: [],
    traits: [...row.traits, group],
  };
}

/** What no controller will mend by itself, or nobody but a person may decide. */
function forAPerson(placement: Placement, now: number): readonly Happening[] {
  const { chain, run, pulls = [], undone, lineage } = placement;
  const worst = worstLink(chain);
  const found: readonly (Happening | undefined)[] = [
    worst?.link.state === 'failed'
      ? {
          text: `${worst.name} failed: ${worst.link.reason}`,
          detail: [`${worst.name} ${linkText(worst)}`, nextStep(worst)].join('. '),
          state: 'failed',
          ...optional('since', worst.link.since),
        }
      : undefined,
    run?.state === 'waiting'
      ? {
          text: `run ${run.id} waits for an approval`,
          detail: `Approve or reject it: ${run.url}`,
          state: 'waiting',
          since: run.createdAt,
        }
      : undefined,
    lineage?.verdict === 'different'
      ? { text: 'not the tested image', detail: `Lineage: ${lineageText(lineage)}`, state: 'failed' }
      : undefined,
    undone && {
      text: `revert undone by ${undone.writeBack.author.name}`,
      detail: undoneText(undone),
      state: 'undone',
      since: undone.writeBack.at,
    },
  ];
  const failed = new Set(
    chain.flatMap(({ faults }) => faults.flatMap(({ object }) => (object ? [nameOf(object)] : []))),
  );
  const forgotten = toldDepartures(placement, now).filter(
    ({ kind, object }) => kind === 'suspended' && object !== undefined && !failed.has(nameOf(object)),
  );
  return [
    ...found.filter((one) => one !== undefined),
    ...unmerged(worst, pulls),
    ...forgotten.map((one) => departed(one, 'held')),
  ];
}

/** What somebody has to merge: each request, and a push branch that nobody has made one for. */
function unmerged(worst: Link | undefined, pulls: readonly OpenPull[]): readonly Happening[] {
  const requests = pulls.map(
    ({ number, title, url, at }): Happening => ({
      text: `pull request ${number} waits: ${title}`,
      detail: `Merge or close it: ${url}`,
      state: 'waiting',
      since: at,
    }),
  );
  if (requests.length > 0 || worst === undefined || !isForAPerson(worst)) return requests;
  return [waiting(worst, worst.faults[0]?.text ?? '')];
}

function isForAPerson({ link, faults }: Link): boolean {
  return link.state === 'waiting' && faults[0]?.code === 'push-branch-unmerged';
}

function waiting(link: Link, text: string): Happening {
  const since = link.link.state === 'waiting' ? link.link.since : undefined;
  const detail = [`${link.name} ${linkText(link)}`, nextStep(link)].join('. ');
  return { text, detail, state: 'waiting', ...optional('since', since) };
}

function nextStep({ faults }: Link): string {
  return faults[0]?.remedy.text ?? '';
}

function departed({ text, since, evidence, remedy }: Departure, state: RowState): Happening {
  const seen = evidence.map(({ of, text: words }) => `${of}: ${words}.`);
  return { text, detail: [`${text}.`, ...seen, remedy].join(' '), state, ...optional('since', since) };
}

function onItsWay({ chain, drift, run, selected, tagParts }: Placement): readonly Happening[] {
  const worst = worstLink(chain);
  if (worst?.link.state !== 'waiting' || run?.state === 'waiting' || isForAPerson(worst)) return [];
  // The workload is told of as drifted.
  if (worst.name === 'rolled out' && drift !== undefined) return [];
  const tag = valueOf(selected)?.tag;
  const what = tag === undefined ? '' : `${formatTag(tag, tagParts.get(tag))}: `;
  return [waiting(worst, `${what}${worst.name}, ${worst.link.reason}`)];
}

function drifted(placement: Placement, now: number): readonly Happening[] {
  const { drift } = placement;
  const who = drift?.manager === undefined ? 'changed past Git' : `changed by ${drift.manager}`;
  const moved = toldDepartures(placement, now).filter(({ kind }) => kind === 'tag-moved' || kind === 'image-gone');
  return [
    ...(drift === undefined
      ? []
      : [{ text: who, detail: driftText(placement), state: 'drifted', ...optional('since', drift.at) } as const]),
    ...moved.map((one) => departed(one, 'drifted')),
  ];
}

/** What has been suspended for long waits for a person already. */
function heldBack(placement: Placement, now: number): readonly Happening[] {
  const told = new Set(toldDepartures(placement, now).map(({ object }) => object && nameOf(object)));
  return placement.holds.filter(({ kind, object }) => kind !== 'suspended' || !told.has(nameOf(object))).map(held);
}

function held({ text, reason, commit, manager, since }: Hold): Happening {
  const who = commit?.author.name ?? manager;
  const why = [reason, who === undefined ? undefined : `by ${who}`].filter((part) => part !== undefined).join(', ');
  return {
    text: why === '' ? text : `${text} (${why})`,
    detail: why === '' ? `${text}.` : `${text}: ${why}.`,
    state: 'held',
    ...optional('since', since ?? commit?.at),
  };
}
