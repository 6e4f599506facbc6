// The fleet as rows to draw: data only, one adapter in the editor draws them, and tests read them as an outline.
import { formatAge } from '../model/duration';
import type { Environment, Fleet, Placement, PlacementId } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import type { ImageTag } from '../model/image';
import type { LineageVerdict } from '../model/lineage';
import { optional } from '../model/optional';
import { problemOf, type Reading, saysTheSame, valueOf } from '../model/reading';
import { crossingOf, worstLink } from './chain';
import { toldDepartures } from './departures';
import { findEnvironmentWord } from './environments';
import { recordText } from './promotionRecord';
import { servicesBefore, sourceOf } from './promotionSource';
import {
  aliasText,
  capitalise,
  cellLine,
  cellLines,
  driftText,
  lineageText,
  linkText,
  uncheckedText,
  undoneText,
  worstLines,
} from './rowTexts';
import { formatTag } from './tagParts';

/** Colour is never the only sign: every state has its own shape and word. */
export type RowState = 'done' | 'waiting' | 'failed' | 'unknown' | 'drifted' | 'undone' | 'held' | 'plain';

export interface Row {
  /** Stable across refreshes. */
  readonly id: string;
  /** `group`: a heading of the Activity view. */
  readonly kind: 'environment' | 'service' | 'group' | 'placement' | 'detail';
  readonly label: string;
  readonly description: string;
  readonly state: RowState;
  /** Plain lines; the first one is the headline. */
  readonly tooltip: readonly string[];
  /** What a screen reader says. */
  readonly spoken: string;
  readonly children: readonly Row[];
  /** There are children, and they are worth making only when it is opened. */
  readonly isClosed?: true;
  readonly placement?: PlacementId;
  /** The object that the row speaks of. */
  readonly object?: ObjectReference;
  /** For context menus: `production`, `rollbackable`, … */
  readonly traits: readonly string[];
  /** The place in the user's clone that the row speaks of. */
  readonly opens?: { readonly folder: string; readonly file: string; readonly line: number };
}

/** Hand in one `memory` where rows are drawn again and again. */
export function rowsByEnvironment(fleet: Fleet, now: number, memory: RowMemory = new RowMemory()): readonly Row[] {
  memory.now = now;
  return fleet.environments.map((environment) => environmentRow(environment, fleet, memory));
}

function environmentRow(environment: Environment, fleet: Fleet, memory: RowMemory): Row {
  const promotable = servicesBefore(fleet, environment.name);
  const children = memory.draw(
    environment.name,
    environment.placements,
    ({ service }) => service,
    ({ service }) => promotable.has(service),
  );
  const worst = worstState(children);
  const count = children.length === 1 ? '1 service' : `${children.length} services`;
  return {
    id: `environment:${environment.name}`,
    kind: 'environment',
    label: environment.name,
    description: environment.isUnchecked ? `${count} · certificate not checked` : count,
    state: worst,
    tooltip: [
      `Environment ${environment.name}`,
      environment.context === undefined ? 'No cluster chosen.' : `Cluster context: ${environment.context}`,
      ...(environment.isUnchecked ? [uncheckedText(environment.context ?? '')] : []),
      ...(environment.isProtected ? ['Protected: changes ask for confirmation.'] : []),
    ],
    spoken: `${environment.name}, ${count}, ${worst}${environment.isUnchecked ? ', certificate not checked' : ''}`,
    children,
    traits: environment.isProduction ? ['production'] : [],
  };
}

const statesByWeight: readonly RowState[] = ['failed', 'drifted', 'undone', 'waiting', 'unknown'];

export function worstState(rows: readonly Row[]): RowState {
  let worst = statesByWeight.length;
  for (const { state } of rows) {
    const weight = statesByWeight.indexOf(state);
    if (weight >= 0 && weight < worst) worst = weight;
  }
  return statesByWeight[worst] ?? 'done';
}

/** The icon is the chain's worst link; an image that nobody tested, drift and holds show where the chain itself is done. */
export function stateOfPlacement(placement: Placement): RowState {
  const worst = worstLink(placement.chain)?.link.state;
  if (worst === 'failed' || placement.lineage?.verdict === 'different') return 'failed';
  if (placement.drift !== undefined) return 'drifted';
  if (placement.undone !== undefined) return 'undone';
  if (worst !== undefined) return worst;
  return placement.holds.length > 0 ? 'held' : 'done';
}

/** A row of a placement, and all that its line was drawn from. */
interface DrawnRow {
  /** Its details are told as of the latest. */
  placement: Placement;
  readonly label: string;
  readonly isPromotable: boolean;
  readonly age: string | undefined;
  readonly row: Row;
}

/** What was drawn before, so that a row which says the same is the very same. */
export class RowMemory {
  /** When it was drawn last; ages in the details of a row are told as of then. */
  now = 0;
  readonly #groups = new Map<string, readonly DrawnRow[]>();

  /** The rows of a group, in its order. */
  draw(
    group: string,
    placements: readonly Placement[],
    labelOf: (placement: Placement) => string,
    isPromotable: (placement: Placement) => boolean,
  ): readonly Row[] {
    const before = this.#groups.get(group) ?? [];
    const drawn = placements.map((placement, place) =>
      this.#drawOne(placement, labelOf(placement), isPromotable(placement), before[place]),
    );
    this.#groups.set(group, drawn);
    return drawn.map(({ row }) => row);
  }

  #drawOne(placement: Placement, label: string, isPromotable: boolean, last: DrawnRow | undefined): DrawnRow {
    const age = ageOf(placement, this.now);
    const isSame =
      last?.label === label &&
      last.isPromotable === isPromotable &&
      last.age === age &&
      (last.placement === placement || isOnlySeenAgain(last.placement, placement));
    if (isSame) {
      last.placement = placement;
      return last;
    }
    const told = (): number => this.now;
    const drawn: DrawnRow = {
      placement,
      label,
      isPromotable,
      age,
      // Details are made when they are asked for: most rows stay closed.
      row: {
        ...lineOf(placement, isPromotable, this.now),
        label,
        isClosed: true,
        get tooltip() {
          const { placement: latest } = drawn;
          const title = `${latest.service} in ${latest.environment}`;
          return [title, ...cellLines(latest, told()), ...worstLines(latest)];
        },
        get children() {
          return detailRows(drawn.placement, told());
        },
      },
    };
    return drawn;
  }
}

/** The same but for when its cells were seen last. */
function isOnlySeenAgain(before: Placement, now: Placement): boolean {
  const { selected, written, running, ...others } = now;
  const was: Readonly<Record<string, unknown>> = { ...before };
  return (
    saysTheSame(before.selected, selected) &&
    saysTheSame(before.written, written) &&
    saysTheSame(before.running, running) &&
    Object.entries(others).every(([field, value]) => Object.is(value, was[field]))
  );
}

/** What is seen of the row while it is closed. */
export function placementLine(placement: Placement, fleet: Fleet, now: number): Omit<Row, 'children' | 'tooltip'> {
  return lineOf(placement, sourceOf(fleet, placement) !== undefined, now);
}

function lineOf(placement: Placement, isPromotable: boolean, now: number): Omit<Row, 'children' | 'tooltip'> {
  const state = stateOfPlacement(placement);
  const written = valueOf(placement.written);
  const age = ageOf(placement, now);
  const description = [
    ...foreignWords(placement),
    written === undefined ? 'no tag' : formatTag(written.tag, placement.tagParts.get(written.tag)),
    ...(age === undefined ? [] : [age]),
    ...differences(placement),
  ].join(' · ');
  return {
    id: `placement:${placement.environment}/${placement.service}`,
    kind: 'placement',
    label: placement.service,
    description,
    state,
    spoken: `${placement.service} in ${placement.environment}, ${description}, ${state}`,
    placement: { service: placement.service, environment: placement.environment },
    traits: [
      ...(isPromotable ? ['promotable'] : []),
      ...(placement.writtenAt === undefined ? [] : ['rollbackable']),
      ...(placement.holds.length === 0 ? [] : ['held']),
      ...(placement.run?.state === 'waiting' ? ['approvable'] : []),
    ],
    ...optional('opens', opensOf(placement)),
  };
}

/** How long ago its tag was written; undefined where that is not known. */
function ageOf({ history }: Placement, now: number): string | undefined {
  const change = valueOf(history)?.[0];
  return change && formatAge(now - change.commit.at);
}

/** Whose tag is written here, where it is another environment's: a shortened tag does not show it. */
function foreignWords({ chain, written }: Placement): readonly string[] {
  return crossingOf(chain) === undefined ? [] : [`tag of ${findEnvironmentWord(valueOf(written)?.tag ?? '')}`];
}

/** What differs from the written tag, in words: the badge of the row. */
function differences(placement: Placement): readonly string[] {
  const written = valueOf(placement.written)?.tag;
  const selected = valueOf(placement.selected)?.tag;
  const running = valueOf(placement.running)?.tag;
  return [
    ...(selected !== undefined && selected !== written
      ? [`selected ${formatTag(selected, placement.tagParts.get(selected))}`]
      : []),
    ...(running !== undefined && running !== written
      ? [`running ${formatTag(running, placement.tagParts.get(running))}`]
      : []),
    ...(placement.undone === undefined ? [] : ['revert undone']),
    ...(placement.lineage?.verdict === 'different' ? ['not the tested image'] : []),
    ...(placement.problems.some(({ code }) => code === 'several-tags') ? ['several tags'] : []),
  ];
}

const lineageStates: Readonly<Record<LineageVerdict, RowState>> = {
  same: 'plain',
  wrapped: 'plain',
  different: 'failed',
  unknown: 'unknown',
};

function detailRows(placement: Placement, now: number): readonly Row[] {
  const detail = (
    name: string,
    label: string,
    description: string,
    state: RowState = 'plain',
    opens?: Row['opens'],
  ): Row => ({
    id: `detail:${placement.environment}/${placement.service}/${name}`,
    kind: 'detail',
    label,
    description,
    state,
    tooltip: [`${label}: ${description}`],
    spoken: `${label}, ${description}`,
    children: [],
    placement: { service: placement.service, environment: placement.environment },
    traits: [],
    ...optional('opens', opens),
  });
  const cell = (name: string, reading: Reading<ImageTag | undefined>): Row =>
    detail(
      name,
      capitalise(name),
      cellLine('', reading, now).slice(2),
      reading.state === 'known' ? 'plain' : 'unknown',
    );
  const object = (name: string, label: string, reference: Placement['policy']): readonly Row[] =>
    reference === undefined
      ? []
      : [
          {
            ...detail(name, label, `${reference.namespace}/${reference.name}`),
            traits: ['object'],
            object: reference,
          },
        ];
  const change = valueOf(placement.history)?.[0];
  const silence = problemOf(placement.history);
  return [
    cell('selected', placement.selected),
    cell('written', placement.written),
    cell('running', placement.running),
    ...(placement.drift === undefined ? [] : [detail('drift', 'Drifted', driftText(placement), 'drifted')]),
    ...(placement.undone === undefined
      ? []
      : [detail('undone', 'Revert undone', undoneText(placement.undone), 'undone')]),
    ...toldDepartures(placement, now).map(({ text, remedy }, at) =>
      detail(`departure-${at}`, 'Noticed', `${text}. ${remedy}`, 'drifted'),
    ),
    ...placement.holds.map((hold, at) => detail(`hold-${at}`, 'Held', hold.text, 'held')),
    chainRow(placement, detail),
    ...(placement.lineage === undefined
      ? []
      : [detail('lineage', 'Lineage', lineageText(placement.lineage), lineageStates[placement.lineage.verdict])]),
    ...(placement.alias === undefined ? [] : [detail('alias', 'Moving tag', aliasText(placement.alias))]),
    ...(placement.record === undefined ? [] : [detail('record', 'Promoted', recordText(placement.record, now))]),
    ...(change === undefined
      ? []
      : [
          detail(
            'write-back',
            'Last write-back',
            `${change.commit.hash.slice(0, 7)} by ${change.commit.author.name}, ${formatAge(now - change.commit.at)} ago`,
            'plain',
            opensOf(placement),
          ),
        ]),
    ...(silence === undefined || silence.code === 'not-read-yet'
      ? []
      : [detail('history', 'History', silence.message, 'unknown')]),
    ...object('policy', 'ImagePolicy', placement.policy),
    ...object('automation', 'ImageUpdateAutomation', placement.automation),
    ...object('kustomization', 'Kustomization', placement.kustomization),
    ...object('workload', placement.workload?.kind ?? 'Workload', placement.workload),
    ...placement.problems.map((problem, at) => detail(`problem-${at}`, 'Problem', problem.message, 'failed')),
  ];
}

/** The links in one row: closed while all is well, its words those of the worst link. */
function chainRow(
  { chain }: Placement,
  detail: (name: string, label: string, description: string, state: RowState) => Row,
): Row {
  const worst = worstLink(chain);
  const text = worst === undefined ? 'all links done' : `${worst.name} ${linkText(worst)}`;
  const links = chain.map((one) => detail(`link-${one.name}`, capitalise(one.name), linkText(one), one.link.state));
  return { ...detail('chain', 'Delivery', text, worst?.link.state ?? 'done'), children: links };
}

function opensOf({ writtenAt }: Placement): Row['opens'] {
  return writtenAt && { folder: writtenAt.folder, file: writtenAt.origin.file, line: writtenAt.origin.line };
}

/** The one line that matters most, for the status bar; undefined when all is well. */
export function worstLine(fleet: Fleet): string | undefined {
  const placements = fleet.environments.toReversed().flatMap((environment) => environment.placements);
  for (const state of ['failed', 'drifted', 'undone', 'waiting'] as const) {
    const found = placements.find((placement) => stateOfPlacement(placement) === state);
    if (found !== undefined) return `${found.service} in ${found.environment}: ${stateWords(found, state)}`;
  }
  return fleet.problems[0]?.message;
}

function stateWords(placement: Placement, state: RowState): string {
  const { chain, lineage } = placement;
  if (state === 'undone') return 'revert undone';
  const [foreign] = foreignWords(placement);
  if (state === 'failed' && foreign !== undefined) return foreign;
  const isChain = worstLink(chain)?.link.state === 'failed';
  return state === 'failed' && !isChain && lineage?.verdict === 'different' ? 'not the tested image' : state;
}
