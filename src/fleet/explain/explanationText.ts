// An explanation as plain text: for a terminal, an issue or a chat. Flux's own words stand as they are.
import { formatAge } from '../../model/duration';
import type { Evidence, Step } from '../../model/fault';
import type { Departure, Hold, Link } from '../../model/fleet';
import type { Explanation, LinkFault } from './explanation';

/** Ends with a line feed. */
export function formatExplanation(explanation: Explanation): string {
  const { service, environment, at, chain, faults, holds, noticed, unseen, wanted } = explanation;
  const marked = faults[0]?.link;
  return [
    `${service} in ${environment}: ${headlineOf(explanation)}`,
    ...(wanted === undefined ? [] : [`Asked for: ${wanted}`]),
    tagsLine(explanation),
    '',
    ...chain.map((link) => chainLine(link, reasonOf(link, chain), link.name === marked)),
    ...faults.flatMap((fault, index) => ['', ...faultLines(fault, index, at)]),
    ...(noticed.length === 0 ? [] : ['', 'Also noticed:', ...noticed.flatMap((one) => noticedLines(one, at))]),
    ...(holds.length === 0 ? [] : ['', 'Held:', ...holds.map((hold) => `  ${holdText(hold, at)}`)]),
    ...(unseen.length === 0 ? [] : ['', 'Could not be seen:', ...unseen.map(({ message }) => `  ${message}`)]),
    '',
  ].join('\n');
}

/** One sentence without its subject. */
function headlineOf(explanation: Explanation): string {
  const [first, ...others] = explanation.faults;
  if (first === undefined) return `${outcomeOf(explanation)}.`;
  const more = others.length === 0 ? '' : ` And ${others.length} more.`;
  return `${outcomeOf(explanation)}: ${first.text}.${more}`;
}

/** Where it stands, for a headline: neither its subject nor what is wrong. */
export function outcomeOf({ verdict, faults, holds, unseen, noticed }: Explanation): string {
  const [first] = faults;
  if (first !== undefined) return `${first.verdict === 'failed' ? 'stopped' : 'on its way'} at "${first.link}"`;
  if (unseen.some(({ code }) => code === 'placement-unknown')) return 'it is not there any more';
  if (verdict === 'unknown') return 'nothing is wrong in what could be seen, but not all could be seen';
  const held = holds.length === 0 ? '' : '. A hold keeps other tags away';
  const beside = noticed.find(({ kind }) => kind !== 'tag-crossed');
  if (beside !== undefined) return `nothing keeps what is selected from its way${held}. But ${beside.text}`;
  return `nothing is wrong: what is selected is written and runs${held}`;
}

/** How long it lasts, and for what passes by itself how long that takes as a rule. */
export function timeText({ since, usualMs }: LinkFault, now: number): string | undefined {
  const lasts = since === undefined ? undefined : `for ${formatAge(now - since)}`;
  const usual = usualMs === undefined ? undefined : `usually within ${formatAge(Math.max(usualMs, 1000))}`;
  const parts = [lasts, usual].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** What would have to change for somebody to read it again: no age, and nothing that only a witness has said. */
export function gistOf({ commit, verdict, tags, chain, faults, holds }: Explanation): string {
  return JSON.stringify([
    commit,
    verdict,
    tags,
    chain.map(({ name, link }) => [name, link.state]),
    faults.map(({ code, text, since }) => [code, text, since]),
    holds.map(({ text }) => text),
  ]);
}

/** What holds, why, who put it there and for how long. */
export function holdText({ text, reason, commit, manager, since }: Hold, now: number): string {
  const begun = since ?? commit?.at;
  const who = commit?.author.name ?? manager;
  const parts = [
    text,
    reason,
    who === undefined ? undefined : `by ${who}`,
    begun === undefined ? undefined : `for ${formatAge(now - begun)}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Why a link is not done. What several links do not know for one reason is said at the first of them. */
export function reasonOf({ link }: Link, chain: readonly Link[]): string | undefined {
  if (link.state === 'done') return undefined;
  if (link.state !== 'unknown') return link.reason;
  const { message } = link.problem;
  const first = chain.find((one) => one.link.state === 'unknown' && one.link.problem.message === message);
  return first?.link === link ? message : undefined;
}

/** What is the same is said once. */
export function isOneTag({ selected, written, running }: Explanation['tags']): boolean {
  return selected !== undefined && selected === written && written === running;
}

export function placeText({ place }: LinkFault): string | undefined {
  return place && `${place.file}${place.line === undefined ? '' : `:${place.line}`}`;
}

function tagsLine({ tags }: Explanation): string {
  if (isOneTag(tags)) return `Selected, written and running: ${tags.running}`;
  const { selected = '-', written = '-', running = '-' } = tags;
  return `Selected ${selected}, written ${written}, running ${running}`;
}

function chainLine({ name, link }: Link, reason: string | undefined, isMarked: boolean): string {
  const text = reason === undefined ? link.state : `${link.state}: ${reason}`;
  return `${isMarked ? '>' : ' '} ${name.padEnd(10)}  ${text}`;
}

function faultLines(fault: LinkFault, index: number, now: number): readonly string[] {
  const { code, link, text, evidence, remedy, steps } = fault;
  return [
    `${index + 1}. ${link}: ${text} [${code}]`,
    ...[timeText(fault, now), placeText(fault)].flatMap((line) => (line === undefined ? [] : [`   ${line}`])),
    ...evidence.map((one) => `   - ${evidenceText(one, now)}`),
    `   What to do: ${[remedy.text, remedy.or?.text].filter((part) => part !== undefined).join(' ')}`,
    ...steps.flatMap(stepLines),
  ];
}

/** In one line: messages of Kubernetes end with a line feed, and compilers draw below their errors. */
function evidenceText({ of, text, at }: Evidence, now: number): string {
  return `${of}: ${text.trim().replace(/\s*\n\s*/g, ' ')}${at === undefined ? '' : ` (${formatAge(now - at)} ago)`}`;
}

function noticedLines({ text, since, evidence, remedy }: Departure, now: number): readonly string[] {
  return [
    `  ${text}${since === undefined ? '' : `, for ${formatAge(now - since)}`}`,
    ...evidence.map((one) => `   - ${evidenceText(one, now)}`),
    `   What to do: ${remedy}`,
  ];
}

/** What has several lines begins at the margin: a here-document would not end behind blanks. */
function stepLines({ what, command }: Step): readonly string[] {
  const lines = command.trimEnd().split('\n');
  return [`   # ${what}`, ...(lines.length === 1 ? [`   ${command}`] : ['', ...lines, ''])];
}
