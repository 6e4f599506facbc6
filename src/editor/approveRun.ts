// Approve Run: what a promotion waits for, and the user's word for it where the forge takes it.
import * as vscode from 'vscode';
import { applyApproval } from '../changes/applyApproval';
import type { WorkflowRun } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { PlacedForge } from '../sources/serviceRepository';
import { askPlacement } from './choose';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface ApproveTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly forgeOf: (image: string) => Promise<PlacedForge>;
}

export async function approveRun(tools: ApproveTools, argument: unknown): Promise<void> {
  const isWaiting = ({ run }: Placement): boolean => run?.state === 'waiting';
  const target = await askPlacement(tools.world.fleet, argument, 'Approve: which promotion', isWaiting);
  if (target === undefined) return;
  if (target.run?.state !== 'waiting') {
    const where = `${target.service} in ${target.environment}`;
    tools.reporter.refused({ kind: 'refusal', reason: `No promotion of ${where} waits for an approval.` });
    return;
  }
  await askApproval(target.image, target.run, tools);
}

/** Lists what the run waits for, and approves what the user says. */
export async function askApproval(
  image: string,
  run: Pick<WorkflowRun, 'id' | 'url'>,
  tools: ApproveTools,
): Promise<void> {
  const { reporter, world } = tools;
  const forge = await tools.forgeOf(image);
  const { at, reader, lacks } = forge;
  const title = `Run ${run.id} waits for an approval`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const pending = await vscode.window.withProgress(options, (_, token) =>
    Promise.resolve(reader.approvals(at, run.id, signalOf(token))),
  );
  const own = pending.filter(({ mayApprove }) => mayApprove);
  if (own.length === 0) {
    const names = pending.map(({ name }) => name).join(', ');
    const what = names === '' ? 'It does not say for whom' : `For ${names}, and your login may not give it`;
    reporter.refused({
      kind: 'refusal',
      reason: `${title}. ${lacks.approvals ?? `${what}.`}`,
      wayOut: `See ${run.url}`,
    });
    return;
  }
  const names = own.map(({ name }) => name).join(', ');
  const detail = [
    `It waits for ${pending.map(({ name }) => name).join(', ')}.`,
    `Your word lets it go on to ${names}.`,
  ];
  if (!(await reporter.confirm(`Approve run ${run.id}?`, detail, 'Approve'))) return;
  await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await applyApproval(at, run.id, own, forge.writer, signal);
    await world.readRun(image, run.id, signal);
  });
  reporter.done(`Approved run ${run.id} for ${names}.`);
}
