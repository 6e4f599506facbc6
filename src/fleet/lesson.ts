// What the learner of the practice lab has shown so far: each step of the lesson is ticked by what is observed in Git, the
// registry, the forge and the cluster, never by a click. What passes (a fault that was mended) is kept as it was first seen.
import type { Facts } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { baselineSeen, promotionSeen, rebuildSeen, rollbackSeen, sameImageSeen, writeBackSeen } from './lessonDeeds';
import { describeFault, isSound, type LessonFault } from './lessonFaults';

/** In the order of the lesson: the lab's five steps, its three failure scenarios, its three proofs. */
export const lessonSteps = [
  'baseline',
  'guardrails',
  'promotion',
  'write-back',
  'rollback',
  'production-does-not-update',
  'wrong-environment',
  'rollout-undo',
  'lineage',
  'delivery',
  'rebuild',
] as const;

export type LessonStep = (typeof lessonSteps)[number];

/** A step, or the fault that must be seen before its mending can be. */
export type LessonSign = LessonStep | `${'guardrails' | LessonFault} broken`;

/** When something was first seen, and by what. */
export interface Observation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly evidence: string;
}

export type LessonRecord = Readonly<Partial<Record<LessonSign, Observation>>>;

export interface LessonView {
  readonly facts: Facts;
  readonly fleet: Fleet;
  /** The findings of the hard stops in the editor now: `rule in file`. */
  readonly findings: readonly string[];
  /** When the lab was made: what is older belongs to its content. */
  readonly createdAt: number;
}

/** What is seen of a sign, in words; undefined when it is not. */
type Watch = (view: LessonView, seen: LessonRecord) => string | undefined;

const faultWatches = (fault: LessonFault): readonly (readonly [LessonSign, Watch])[] => [
  [`${fault} broken`, ({ facts, fleet }) => first(productionOf(fleet), (one) => describeFault(fault, one, facts))],
  [
    fault,
    ({ facts, fleet }, seen) => {
      const broken = seen[`${fault} broken`];
      const isMended = productionOf(fleet).every(
        (one) => isSound(one) && describeFault(fault, one, facts) === undefined,
      );
      return broken !== undefined && isMended ? `${broken.evidence} Mended: all links are done again.` : undefined;
    },
  ],
];

const watches: readonly (readonly [LessonSign, Watch])[] = [
  ['baseline', ({ facts, fleet }) => baselineSeen(facts, fleet)],
  ['guardrails broken', ({ findings }) => (findings.length === 0 ? undefined : `Marked: ${findings.join(', ')}.`)],
  [
    'guardrails',
    ({ facts, fleet, findings }, seen) => {
      const broken = seen['guardrails broken'];
      const isMended = findings.length === 0 && baselineSeen(facts, fleet) !== undefined;
      return broken !== undefined && isMended ? `${broken.evidence} Mended, and no hard stop is left.` : undefined;
    },
  ],
  ['promotion', (view) => first(productionOf(view.fleet), (one) => promotionSeen(one, view))],
  ['write-back', (view) => first(productionOf(view.fleet), (one) => writeBackSeen(one, view))],
  ['rollback', (view) => first(productionOf(view.fleet), (one) => rollbackSeen(one, view))],
  ...faultWatches('production-does-not-update'),
  ...faultWatches('wrong-environment'),
  ...faultWatches('rollout-undo'),
  ['lineage', (view) => first(productionOf(view.fleet), (one) => sameImageSeen(one, view))],
  [
    'delivery',
    (_, { promotion, 'write-back': writeBack, rollback }) =>
      promotion && writeBack && rollback && `${writeBack.evidence} ${rollback.evidence}`,
  ],
  ['rebuild', (view) => first(productionOf(view.fleet), (one) => rebuildSeen(one, view))],
];

/** Everything that a record may hold. */
export const lessonSigns: readonly LessonSign[] = watches.map(([sign]) => sign);

/** What was seen before with what is seen now; the same value when nothing is new. */
export function deriveLesson(seen: LessonRecord, view: LessonView, now: number): LessonRecord {
  return watches.reduce<LessonRecord>((record, [sign, watch]) => {
    const evidence = record[sign] === undefined ? watch(view, record) : undefined;
    return evidence === undefined ? record : { ...record, ...optional(sign, { at: now, evidence }) };
  }, seen);
}

/** Which of the steps would be seen now, without any memory of what has passed. */
export function observeAgain(view: LessonView): ReadonlySet<LessonStep> {
  const again = deriveLesson({}, view, 0);
  return new Set(lessonSteps.filter((step) => again[step] !== undefined));
}

function productionOf({ environments }: Fleet): readonly Placement[] {
  return environments.filter(({ isProduction }) => isProduction).flatMap(({ placements }) => placements);
}

function first(
  placements: readonly Placement[],
  see: (placement: Placement) => string | undefined,
): string | undefined {
  for (const placement of placements) {
    const seen = see(placement);
    if (seen !== undefined) return seen;
  }
  return undefined;
}
