// What the learner has shown, on paper: the lab's steps, scenarios and proofs with their evidence.
import { formatMoment } from '../model/duration';
import { type LessonRecord, type LessonStep, lessonSteps } from './lesson';
import { rebuildMeaning } from './lineage';
import { escapeCell } from './markdown';

const titles: Readonly<Record<LessonStep, string>> = {
  baseline: 'Step 1: the baseline is verified',
  guardrails: 'Step 2: the guardrails are verified',
  promotion: 'Step 3: a promotion by the service’s workflow',
  'write-back': 'Step 4: Flux has applied the production tag',
  rollback: 'Step 5: a rollback through Git',
  'production-does-not-update': 'Scenario: production did not update',
  'wrong-environment': 'Scenario: the wrong environment was updated',
  'rollout-undo': 'Scenario: somebody ran rollout undo',
  lineage: 'The lineage from staging to production',
  delivery: 'One promotion and one rollback through Git',
  rebuild: 'Why rebuilding for production is disallowed',
};

const proofs: readonly LessonStep[] = ['lineage', 'delivery', 'rebuild'];

/** `again`: the steps that can be observed at this very moment. Ends with a line feed. */
export function formatLessonReport(record: LessonRecord, again: ReadonlySet<LessonStep>, now: number): string {
  const done = lessonSteps.filter((step) => record[step] !== undefined);
  const proved = proofs.filter((step) => record[step] !== undefined);
  const table = (steps: readonly LessonStep[]): readonly string[] => [
    '| | What | First seen | Evidence |',
    '| --- | --- | --- | --- |',
    ...steps.map((step) => row(step, record, again)),
  ];
  return [
    '# Report of the practice lab',
    '',
    `**${proved.length} of ${proofs.length} proofs, ${done.length} of ${lessonSteps.length} steps.** Written ${formatMoment(now)}.`,
    '',
    '## The proofs',
    '',
    ...table(proofs),
    ...(record.rebuild === undefined ? [] : ['', rebuildMeaning]),
    '',
    '## The way there',
    '',
    ...table(lessonSteps.filter((step) => !proofs.includes(step))),
    '',
    '✓ is observed now as well; (✓) was observed once, and has passed since: a fault that was mended, a tag that was replaced. Nothing here is ticked by hand.',
    '',
  ].join('\n');
}

function row(step: LessonStep, record: LessonRecord, again: ReadonlySet<LessonStep>): string {
  const seen = record[step];
  const sign = seen === undefined ? '·' : again.has(step) ? '✓' : '(✓)';
  const when = seen === undefined ? '' : formatMoment(seen.at);
  return `| ${[sign, titles[step], when, escapeCell(seen?.evidence ?? 'not yet')].join(' | ')} |`;
}
