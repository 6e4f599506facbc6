// What a commit would change, in the diff view, and the question above it: write it, another way, or the same as commands.
import * as vscode from 'vscode';
import type { GitReader } from '../base/git/reader';
import { formatCommands } from '../changes/patchText';
import type { CommitPlan, Way, WayName, Ways } from '../changes/plan';
import { askPick } from './ask';
import { confirmProtected } from './confirmProtected';
import type { OwnClone } from './ownChanges';
import type { Preview } from './preview';
import type { Reporter } from './report';
import type { World } from './world';

/** What the user's clone says of itself, and pulling into its work tree where VS Code can. */
export interface CloneState extends OwnClone {
  readonly reader: OwnClone['reader'] & Pick<GitReader, 'head' | 'commitHooks'>;
  readonly pull: () => Promise<(() => Promise<void>) | undefined>;
}

export interface AgreeTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly preview: Preview;
  readonly cloneOf: (folder: string) => CloneState;
}

/** Which way is asked about first, and whether it ends in a pull request. */
export interface Asking {
  readonly prefer?: WayName | undefined;
  readonly isByPull?: boolean;
}

/** The preferred way first, else the recommended one, else the user's choice; undefined when the user leaves. */
export async function agreeWays(
  ways: Ways,
  tools: AgreeTools,
  { prefer, isByPull = false }: Asking = {},
): Promise<{ readonly plan: CommitPlan; readonly way: Way } | undefined> {
  const preferred = prefer === undefined ? undefined : findWay(ways, prefer);
  const first = preferred?.plan.kind === 'commit' ? preferred : ways.recommended;
  let way = first ?? (await chooseWay(ways, tools.reporter));
  while (way?.plan.kind === 'commit') {
    const { plan } = way;
    const answer = await agree(plan, tools, { way, hasOthers: ways.others.length > 0, isByPull });
    if (answer === 'write') return { plan, way };
    if (answer === 'leave') return undefined;
    way = (await chooseWay(ways, tools.reporter)) ?? way;
  }
  return undefined;
}

export function findWay({ recommended, others }: Ways, name: WayName): Way | undefined {
  return [recommended, ...others].find((way) => way?.name === name);
}

export async function agreePlan(plan: CommitPlan, tools: AgreeTools): Promise<boolean> {
  return (await agree(plan, tools, { isByPull: false })) === 'write';
}

/** A way that cannot be taken is shown with its reason, and said again when it is chosen. */
async function chooseWay(ways: Ways, reporter: Reporter): Promise<Way | undefined> {
  const all = ways.recommended === undefined ? ways.others : [ways.recommended, ...ways.others];
  const items = all.map((way) => ({
    label: `${way.plan.kind === 'commit' ? '' : '$(circle-slash) '}${way.title}`,
    description: way === ways.recommended ? 'recommended' : way.plan.kind === 'refusal' ? 'not possible here' : '',
    detail: way.plan.kind === 'refusal' ? way.plan.reason : way.reason,
    way,
  }));
  const options = { title: 'How to make it stick', matchOnDetail: true };
  for (;;) {
    const picked = await askPick(items, options);
    if (picked === undefined) return undefined;
    if (picked.way.plan.kind === 'commit') return picked.way;
    reporter.refused(picked.way.plan);
  }
}

type Answer = 'write' | 'others' | 'leave';

interface Question {
  /** One of several. */
  readonly way?: Way;
  readonly hasOthers?: boolean;
  readonly isByPull: boolean;
}

async function agree(plan: CommitPlan, { world, preview, cloneOf }: AgreeTools, question: Question): Promise<Answer> {
  const { signal } = new AbortController();
  const hooks = await cloneOf(plan.folder).reader.commitHooks(signal);
  try {
    await preview.show(plan);
    const answer = await ask(plan, hooks, question);
    if (answer !== 'write') return answer;
    return (await confirmProtected(world, plan.target.environment)) ? 'write' : 'leave';
  } finally {
    await preview.close();
  }
}

/** The diff stays in sight while the question stands above it. */
async function ask(
  plan: CommitPlan,
  hooks: readonly string[],
  { way, hasOthers, isByPull }: Question,
): Promise<Answer> {
  const skipped = hooks.length === 0 ? [] : [`Commit hooks of this clone do not run: ${hooks.join(', ')}.`];
  const [first = '', ...notes] = [...plan.summary, ...skipped];
  const label = isByPull ? '$(git-pull-request) Open Pull Request' : '$(git-commit) Commit and Push';
  const commit = { label, description: `to ${plan.branch}`, detail: first };
  const others = { label: '$(list-unordered) Other Ways…', description: '', detail: '' };
  const copy = { label: '$(copy) Copy as Commands', description: '', detail: '' };
  const cancel = { label: '$(close) Cancel', description: 'writes nothing', detail: '' };
  const separator = { label: 'What follows', kind: vscode.QuickPickItemKind.Separator };
  const lines = notes.map((label) => ({ label: `$(info) ${label}` }));
  const items = [
    commit,
    ...(hasOthers === true ? [others] : []),
    copy,
    cancel,
    ...(lines.length === 0 ? [] : [separator]),
    ...lines,
  ];
  const placeHolder = way === undefined ? 'Look at the change below' : `${way.title}: ${way.reason}`;
  const options = { title: plan.title, placeHolder };
  for (;;) {
    const picked = await askPick(items, options);
    if (picked === commit) return 'write';
    if (picked === others) return 'others';
    if (picked === undefined || picked === cancel) return 'leave';
    if (picked === copy) await vscode.env.clipboard.writeText(formatCommands(plan));
  }
}
