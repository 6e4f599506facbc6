// An explanation as a page of its own: the editor's colours, headings and lists that a screen reader follows, buttons that
// the keyboard reaches. Every text is somebody else's and is escaped.
import type { Explanation, LinkFault } from '../fleet/explain/explanation';
import { holdText, isOneTag, outcomeOf, placeText, reasonOf, timeText } from '../fleet/explain/explanationText';
import { formatAge } from '../model/duration';
import type { Evidence, RemedyCommand, Step } from '../model/fault';
import type { Departure, Link } from '../model/fleet';
import type { Problem } from '../model/problem';
import { pageStyle } from './explanationStyle';

const signs: Readonly<Record<Link['link']['state'], string>> = { done: '✓', waiting: '…', failed: '✗', unknown: '?' };

const verdictSigns: Readonly<Record<Explanation['verdict'], Link['link']['state']>> = {
  delivered: 'done',
  waiting: 'waiting',
  failed: 'failed',
  unknown: 'unknown',
};

const remedies: Readonly<Record<RemedyCommand, string>> = {
  reconcileNow: 'Reconcile Now',
  resume: 'Resume…',
  rollBack: 'Roll Back…',
  promote: 'Promote…',
  signIn: 'Sign In…',
  chooseContext: 'Choose Context…',
  repair: 'Repair…',
  approveRun: 'Approve Run…',
};

const resumeButton = `<p class="actions"><button class="second" data-kind="resume">${remedies.resume}</button></p>`;

/** What changes of the page: HTML, and the class of its headline. */
export interface PageContent {
  readonly title: string;
  readonly verdict: Explanation['verdict'];
  readonly headline: string;
  readonly body: string;
}

/**
 * Empty: it asks for its content by a message of the kind `ready`, so that what is told again takes neither the focus nor the
 * place where somebody reads. `nonce` lets the page's own script run and no other.
 */
export function formatPage(nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>Why Didn't It Update?</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1></h1>
<div class="actions"><button class="second" data-kind="again">Explain Again</button><button class="second" data-kind="copy">Copy as Text</button></div>
</header>
<p class="headline" role="status"></p>
<p class="said" role="status"></p>
<div class="body"></div>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}

export function formatContent(explanation: Explanation): PageContent {
  const { service, environment, verdict, faults, noticed, unseen, at } = explanation;
  return {
    title: escapeHtml(`${service} in ${environment}`),
    verdict,
    headline: `${sign(verdictSigns[verdict])} ${capital(escapeHtml(outcomeOf(explanation)))}`,
    body: `${tagList(explanation)}
<div class="columns">
<div class="faults">
${faults.map((fault, index) => faultSection(fault, index, explanation)).join('\n')}
${heldSection(explanation)}
${noticed.map((one, index) => noticedSection(one, index, at)).join('\n')}
${unseenSection(unseen)}
</div>
${deliverySection(explanation)}
</div>`,
  };
}

function sign(state: Link['link']['state']): string {
  return `<span class="sign ${state}" aria-hidden="true">${signs[state]}</span>`;
}

function tagList({ wanted, tags }: Explanation): string {
  const { selected, written, running } = tags;
  const entries = isOneTag(tags)
    ? ([['Selected, written and running', selected]] as const)
    : ([
        ['Selected', selected],
        ['Written', written],
        ['Running', running],
      ] as const);
  const shown = [['Asked for', wanted] as const, ...entries].flatMap(([name, tag]) =>
    tag === undefined ? [] : [`<dt>${name}</dt><dd><code>${escapeHtml(tag)}</code></dd>`],
  );
  return shown.length === 0 ? '' : `<dl>${shown.join('')}</dl>`;
}

function deliverySection({ chain, faults, at }: Explanation): string {
  if (chain.length === 0) return '';
  return `<section class="delivery" aria-labelledby="delivery">
<h2 id="delivery">The delivery, link by link</h2>
<ol>${chain.map((link) => chainItem(link, reasonOf(link, chain), link.name === faults[0]?.link, at)).join('')}</ol>
<p class="about">As of ${new Date(at).toLocaleTimeString()}. Told again when something changes.</p>
</section>`;
}

function chainItem({ name, link }: Link, reason: string | undefined, isMarked: boolean, now: number): string {
  const why = reason === undefined ? '' : `<span class="why">${escapeHtml(reason)}</span>`;
  return `<li${isMarked ? ' aria-current="step"' : ''}>${sign(link.state)}<div><strong>${name}</strong> <span class="about">${linkAge(link, now)}</span>${why}</div></li>`;
}

function linkAge(link: Link['link'], now: number): string {
  if (link.state === 'unknown') return link.state;
  const at = link.state === 'done' ? link.at : link.since;
  if (at === undefined) return link.state;
  const age = formatAge(now - at);
  return link.state === 'done' ? `done ${age} ago` : `${link.state} for ${age}`;
}

function faultSection(fault: LinkFault, index: number, { faults, at: now }: Explanation): string {
  const { link, text, code, verdict, evidence, remedy, steps } = fault;
  const order = faults.length === 1 ? undefined : index === 0 ? 'to be mended first' : 'also';
  const about = [order, `${link}, ${verdict}`, timeText(fault, now), code].filter((part) => part !== undefined);
  const place = escapeHtml(placeText(fault) ?? '');
  const open = `<button class="link" data-kind="open" data-fault="${index}" aria-label="Open ${place}">${place}</button>`;
  const [button, otherButton] = [remedy, remedy.or].map((way, at) =>
    way?.command === undefined
      ? ''
      : `<button${at === 0 ? '' : ' class="second"'} data-kind="${at === 0 ? 'remedy' : 'or'}" data-fault="${index}">${remedies[way.command]}</button>`,
  );
  return `<section class="fault" aria-labelledby="fault-${index}">
<h2 id="fault-${index}">${capital(prose(text))}</h2>
<p class="about">${about.join(' · ')}</p>
<p>${prose([remedy.text, ...(remedy.or === undefined ? [] : [remedy.or.text])].join(' '))}</p>
<p class="actions">${button}${otherButton}${place === '' ? '' : open}</p>
${evidenceList(evidence, now)}
<h3>By hand</h3><ul class="steps">${steps.map((step, at) => stepItem(step, index, at)).join('')}</ul>
</section>`;
}

/** Whose words, and then the words. */
function evidenceItem({ of, text, at }: Evidence, now: number): string {
  const age = at === undefined ? '' : ` <span class="about age">· ${formatAge(now - at)} ago</span>`;
  const words = escapeHtml(text);
  const shown = /^https?:\/\/\S+$/.test(text) ? `<a href="${words}">${words}</a>` : words;
  return `<span class="about">${escapeHtml(of)}:</span> ${shown}${age}`;
}

function noticedSection({ kind, text, since, evidence, remedy }: Departure, index: number, now: number): string {
  const age = since === undefined ? '' : ` · for ${formatAge(now - since)}`;
  return `<section class="fault" aria-labelledby="noticed-${index}">
<h2 id="noticed-${index}">${capital(prose(text))}</h2>
<p class="about">also noticed${age}</p>
<p>${prose(remedy)}</p>
${kind === 'suspended' ? resumeButton : ''}
${evidenceList(evidence, now)}
</section>`;
}

function evidenceList(evidence: readonly Evidence[], now: number): string {
  if (evidence.length === 0) return '';
  return `<h3>Evidence</h3><ul>${evidence.map((one) => `<li>${evidenceItem(one, now)}</li>`).join('')}</ul>`;
}

function stepItem({ what, command }: Step, fault: number, at: number): string {
  const name = escapeHtml(what);
  return `<li>${name}<div class="step"><pre tabindex="0" aria-label="${name}">${escapeHtml(command.trimEnd())}</pre><button class="second" data-kind="step" data-fault="${fault}" data-step="${at}" aria-label="Copy: ${name}">Copy</button></div></li>`;
}

function heldSection({ holds, at }: Explanation): string {
  if (holds.length === 0) return '';
  const items = holds.map((hold) => `<li>${escapeHtml(holdText(hold, at))}</li>`);
  return `<section><h2>Held</h2><ul>${items.join('')}</ul>${resumeButton}</section>`;
}

function unseenSection(unseen: readonly Problem[]): string {
  if (unseen.length === 0) return '';
  const items = unseen.map(({ message, remedy }, index) => {
    const command = remedyCommand(remedy);
    const button =
      command && ` <button class="link" data-kind="unseen" data-fault="${index}">${remedies[command]}</button>`;
    return `<li>${escapeHtml(message)}${button ?? ''}</li>`;
  });
  return `<section><h2>Could not be seen</h2><ul>${items.join('')}</ul></section>`;
}

/** Of those that a page can offer. */
export function remedyCommand(name: string | undefined): RemedyCommand | undefined {
  return isRemedyCommand(name) ? name : undefined;
}

function isRemedyCommand(name: string | undefined): name is RemedyCommand {
  return name !== undefined && Object.hasOwn(remedies, name);
}

/** A tag or a file stays as it is written. */
function capital(text: string): string {
  if (!/^[a-z]+ /.test(text)) return text;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Our own sentences have names in backticks. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const script = `
const editor = acquireVsCodeApi();
const part = (name) => document.querySelector(name);
const places = ['kind', 'fault', 'step'];
const set = (name, html) => {
  const place = part(name);
  if (place.drawn !== html) place.innerHTML = place.drawn = html;
};
const sayCopied = (button) => {
  button.classList.add('copied');
  part('.said').textContent = 'Copied';
  setTimeout(() => {
    button.classList.remove('copied');
    part('.said').textContent = '';
  }, 2000);
};
addEventListener('message', ({ data }) => {
  if (data.isOnlyOlder && !getSelection().isCollapsed) return;
  const held = document.hasFocus() ? { ...document.activeElement.dataset } : {};
  part('.headline').className = 'headline ' + data.verdict;
  set('h1', data.title);
  set('.headline', data.headline);
  set('.body', data.body);
  const same = [...document.querySelectorAll('.body button')].find(
    ({ dataset }) => held.kind !== undefined && places.every((place) => dataset[place] === held[place]),
  );
  same?.focus();
});
addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button === null) return;
  const { kind, fault, step } = button.dataset;
  editor.postMessage({ kind, fault: Number(fault), step: Number(step) });
  if (kind === 'copy' || kind === 'step') sayCopied(button);
});
editor.postMessage({ kind: 'ready' });
`;
