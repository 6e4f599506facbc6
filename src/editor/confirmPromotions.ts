// One question for all that is promoted: every verdict, and what changes, before anything is started.
import * as vscode from 'vscode';
import type { Preflight, Verdict } from '../changes/preflight';
import { type Changes, formatChanges, formatChangesPage } from '../fleet/changesPage';
import { parseTag } from '../fleet/tagParts';
import type { Placement } from '../model/fleet';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import { confirmProtected } from './confirmProtected';
import type { Promotion, PromotionTools } from './promotionTools';
import { signalOf } from './signals';

const marks: Readonly<Record<Verdict, string>> = { passed: '✓', failed: '✗', unknown: '?' };
const showChanges = 'Show Changes';

/** None when the user leaves. A commit is agreed to in the diff view, later and for itself. */
export async function confirmPromotions(
  promotions: readonly Promotion[],
  tools: PromotionTools,
): Promise<readonly Promotion[]> {
  const dispatches = promotions.filter(({ plan }) => plan.kind === 'dispatch');
  const [first] = dispatches;
  if (first === undefined) return promotions;
  const changes = await readChanges(dispatches, tools);
  const question = dispatches.length === 1 ? `${first.plan.title}?` : `Promote ${dispatches.length} services?`;
  const detail = dispatches.flatMap((one, index) => [
    ...(dispatches.length === 1 ? [] : [`${one.plan.title}:`]),
    ...one.plan.summary.filter((line) => !line.startsWith('Not known: ')),
    ...(changes[index] === undefined ? [] : formatChanges(changes[index])),
    '',
    ...one.preflight.lines.map((line) => `${marks[line.verdict]} ${line.text}`),
    '',
  ]);
  for (;;) {
    const answer = await tools.reporter.ask(question, detail, ['Promote', showChanges]);
    if (answer === undefined) return [];
    if (answer === 'Promote') break;
    const text = changes.map(formatChangesPage).join('\n');
    await tools.pages.show(first.plan.title, text);
    // The page is read in peace: the question comes back when it is asked for again.
    if (!(await tools.reporter.offer('These commits would be promoted.', 'Go On'))) return [];
  }
  for (const environment of new Set(dispatches.map(({ plan }) => plan.target.environment))) {
    if (!(await confirmProtected(tools.world, environment))) return [];
  }
  return promotions;
}

async function readChanges(promotions: readonly Promotion[], tools: PromotionTools): Promise<readonly Changes[]> {
  const title = 'Comparing the builds';
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return await vscode.window.withProgress(options, (_, token) =>
    Promise.all(promotions.map(({ preflight }) => readChangesOf(preflight, tools, signalOf(token)))),
  );
}

async function readChangesOf(preflight: Preflight, tools: PromotionTools, signal: AbortSignal): Promise<Changes> {
  const { target, source, candidate } = preflight;
  const from = valueOf(target.running)?.tag ?? valueOf(target.written)?.tag ?? '';
  const about = { title: `${target.service}: what changes in ${target.environment}`, from, to: candidate.tag };
  try {
    const [base, head] = [
      await commitOf(target, from, tools, signal),
      await commitOf(source, candidate.tag, tools, signal),
    ];
    if (base === undefined || head === undefined) {
      const comparison = `Which commits lie between them is not told: neither the tags nor the images' labels name ${base === undefined ? from || 'what runs' : candidate.tag}.`;
      return { ...about, comparison };
    }
    const { at, reader } = await tools.forgeOf(target.image);
    return { ...about, comparison: await reader.compare(at, base, head, signal) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { ...about, comparison: `Which commits lie between them is not known. ${error.problem.message}` };
  }
}

const revisionLabel = 'org.opencontainers.image.revision';

/** By the image's own label, else by the part of its tag that the policy's groups name. */
async function commitOf(
  { image, tagParts }: Placement,
  tag: string,
  { world }: PromotionTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const named = (tagParts.get(tag) ?? parseTag(tag)).commit;
  if (tag === '') return undefined;
  try {
    return (await world.readImage(image, tag, signal)).labels[revisionLabel] ?? named;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return named;
  }
}
