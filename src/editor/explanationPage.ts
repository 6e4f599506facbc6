// An explanation as a page of its own: the editor's colours, headings and lists that a screen reader follows, buttons that
// the keyboard reaches. Every text is somebody else's and is escaped.
import { type Explanation, type LinkFault } from '../fleet/explain/explanation';
import { evidenceText, headlineOf, placeText, timeText } from '../fleet/explain/explanationText';
import type { Remedy } from '../model/fault';
import type { Link } from '../model/fleet';

const signs: Readonly<Record<Link['link']['state'], string>> = { done: '✓', waiting: '…', failed: '✗', unknown: '?' };

const remedies: Readonly<Record<NonNullable<Remedy['command']>, string>> = {
  reconcileNow: 'Reconcile Now',
  resume: 'Resume…',
  rollBack: 'Roll Back…',
  promote: 'Promote…',
  signIn: 'Sign In…',
  chooseContext: 'Choose Context…',
  repair: 'Repair…',
};

/** `nonce` lets the page's own script run and no other. */
export function formatPage(explanation: Explanation, nonce: string): string {
  const { service, environment, wanted, tags, chain, faults, holds, unseen } = explanation;
  const title = escapeHtml(`${service} in ${environment}`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>${title}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="headline ${explanation.verdict}" role="status">${capital(escapeHtml(headlineOf(explanation)))}</p>
<p>${[
    ['Asked for', wanted],
    ['Selected', tags.selected],
    ['Written', tags.written],
    ['Running', tags.running],
  ]
    .flatMap(([name, tag]) => (tag === undefined ? [] : [`${name} <code>${escapeHtml(tag)}</code>`]))
    .join(' · ')}</p>
<p><button data-kind="copy">Copy as Text</button> <button class="second" data-kind="again">Explain Again</button></p>
<h2>The delivery, link by link</h2>
<ol class="chain">${chain.map((link) => chainItem(link, link.name === faults[0]?.link)).join('')}</ol>
${faults.map((fault, index) => faultSection(fault, index, explanation.at)).join('\n')}
${listSection(
  'Held',
  holds.map(({ text }) => text),
)}
${listSection(
  'Could not be seen',
  unseen.map(({ message }) => message),
)}
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}

function chainItem({ name, link }: Link, isMarked: boolean): string {
  const reason = link.state === 'unknown' ? link.problem.message : link.state === 'done' ? '' : link.reason;
  const text = `${link.state}${reason === '' ? '' : `: ${reason}`}`;
  return `<li class="${link.state}"${isMarked ? ' aria-current="step"' : ''}><span class="sign" aria-hidden="true">${signs[link.state]}</span> <strong>${name}</strong> ${escapeHtml(text)}</li>`;
}

function faultSection(fault: LinkFault, index: number, now: number): string {
  const { link, text, code, evidence, remedy, steps } = fault;
  const about = [timeText(fault, now), placeText(fault)].filter((one) => one !== undefined).map(escapeHtml);
  const button =
    remedy.command === undefined
      ? ''
      : `<p><button data-kind="remedy" data-fault="${index}">${remedies[remedy.command]}</button></p>`;
  return `<section aria-labelledby="fault-${index}">
<h2 id="fault-${index}">${index === 0 ? 'First: ' : 'Also: '}${link}, ${escapeHtml(text)}</h2>
<p class="about">${[...about, `<code>${code}</code>`].join(' · ')}</p>
<p class="remedy">${escapeHtml(remedy.text)}</p>
${button}
${evidence.length === 0 ? '' : `<h3>Evidence</h3><ul>${evidence.map((one) => `<li>${escapeHtml(evidenceText(one, now))}</li>`).join('')}</ul>`}
${steps.length === 0 ? '' : `<h3>By hand</h3><ul class="steps">${steps.map((step, at) => stepItem(step, index, at)).join('')}</ul>`}
</section>`;
}

function stepItem({ what, command }: LinkFault['steps'][number], fault: number, at: number): string {
  const name = escapeHtml(what);
  return `<li>${name}<div class="step"><pre tabindex="0" aria-label="${name}">${escapeHtml(command.trimEnd())}</pre><button class="second" data-kind="step" data-fault="${fault}" data-step="${at}" aria-label="Copy: ${name}">Copy</button></div></li>`;
}

function listSection(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<section><h2>${title}</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></section>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
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
document.body.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button === null) return;
  const { kind, fault, step } = button.dataset;
  editor.postMessage({ kind, fault: Number(fault), step: Number(step) });
});
`;

const style = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); }
main { max-width: 60em; padding: 0 1em 2em; line-height: 1.5; }
h1 { font-size: 1.6em; font-weight: 600; margin-bottom: 0; }
h2 { font-size: 1.2em; font-weight: 600; margin: 1.6em 0 0.2em; overflow-wrap: anywhere; }
h3 { font-size: 1em; font-weight: 600; margin: 1em 0 0.2em; }
code, pre { font-family: var(--vscode-editor-font-family); }
code { overflow-wrap: anywhere; }
.headline { font-size: 1.1em; border-left: 4px solid var(--vscode-charts-yellow); padding: 0.4em 0.8em; background: var(--vscode-textBlockQuote-background); overflow-wrap: anywhere; }
.headline.failed { border-color: var(--vscode-charts-red); }
.headline.delivered { border-color: var(--vscode-charts-green); }
.headline.unknown { border-color: var(--vscode-disabledForeground); }
.about { color: var(--vscode-descriptionForeground); margin: 0; }
.chain { list-style: none; padding: 0; }
.chain li { padding: 0.15em 0.5em; border-left: 3px solid transparent; overflow-wrap: anywhere; }
.chain li[aria-current] { border-color: var(--vscode-focusBorder); background: var(--vscode-list-inactiveSelectionBackground); }
.sign { display: inline-block; width: 1.2em; text-align: center; font-weight: bold; }
.done .sign { color: var(--vscode-charts-green); }
.failed .sign { color: var(--vscode-charts-red); }
.waiting .sign { color: var(--vscode-charts-yellow); }
ul { padding-left: 1.2em; margin: 0; overflow-wrap: anywhere; }
.steps { list-style: none; padding: 0; }
.step { display: flex; gap: 0.5em; align-items: start; margin: 0.2em 0 0.6em; }
pre { flex: 1; margin: 0; padding: 0.4em 0.6em; overflow-x: auto; background: var(--vscode-textCodeBlock-background); }
button { border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 0.3em 0.9em; font: inherit; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button:hover { background: var(--vscode-button-hoverBackground); }
button.second { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button.second:hover { background: var(--vscode-button-secondaryHoverBackground); }
button:focus-visible, pre:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;
