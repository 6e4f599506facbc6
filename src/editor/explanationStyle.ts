/** Only the theme's own colours, so that every theme fits, high contrast too. */
export const pageStyle = `
body { font: var(--vscode-font-weight) var(--vscode-font-size)/1.5 var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1.5em 2em; overflow-wrap: anywhere; }
main { max-width: 72em; container-type: inline-size; }
header .actions { margin: 0; gap: 0.5em; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5em 2em; margin: 1em 0; }
h1 { font-size: 1.6em; font-weight: 600; margin: 0; }
h2 { font-size: 1.15em; font-weight: 600; margin: 0.1em 0; }
h3 { font-size: 1em; font-weight: 600; margin: 1.2em 0 0.3em; }
p { margin: 0.5em 0; }
h2 + .about { margin-top: 0; }
ul, ol { margin: 0; padding-left: 1.2em; }
li { margin: 0.25em 0; }
code, pre { font-family: var(--vscode-editor-font-family); font-size: 0.95em; }
.about, dt { color: var(--vscode-descriptionForeground); }
.age { white-space: nowrap; }
.sign { flex: none; display: inline-block; width: 1.3em; height: 1.3em; line-height: 1.3; border-radius: 50%; text-align: center; font-weight: bold; font-size: 0.85em; color: var(--vscode-editor-background); background: var(--vscode-disabledForeground); }
.sign.done { background: var(--vscode-charts-green); }
.sign.failed { background: var(--vscode-charts-red); }
.sign.waiting { background: var(--vscode-charts-yellow); }
.headline { display: flex; align-items: center; gap: 0.6em; font-size: 1.15em; padding: 0.5em 0.8em; background: var(--vscode-textBlockQuote-background); border: 1px solid var(--vscode-contrastBorder, transparent); border-left: 4px solid var(--vscode-disabledForeground); }
.copied::after { content: ' ✓'; }
.said { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
.headline.failed { border-left-color: var(--vscode-charts-red); }
.headline.waiting { border-left-color: var(--vscode-charts-yellow); }
.headline.delivered { border-left-color: var(--vscode-charts-green); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15em 1.2em; margin: 1em 0; }
dd { margin: 0; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5em 2.5em; align-items: start; }
@container (min-width: 50em) {
  .columns:has(.faults > section) { grid-template-columns: minmax(0, 1fr) 17em; }
}
.faults > section { margin-bottom: 1.5em; }
.fault { padding: 0.6em 1em 0.8em; border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); border-radius: 4px; }
.delivery h2 { font-size: 1em; margin-bottom: 0.5em; }
.delivery ol { list-style: none; padding: 0; }
.delivery li { position: relative; display: flex; gap: 0.7em; margin: 0; padding: 0.25em 0.5em; }
.delivery li:not(:last-child)::after { content: ''; position: absolute; left: calc(0.5em + 0.55em); top: 1.5em; bottom: -0.2em; border-left: 1px solid var(--vscode-tree-indentGuidesStroke, currentColor); }
.delivery li .sign { margin-top: 0.15em; z-index: 1; }
.delivery li[aria-current] { background: var(--vscode-list-inactiveSelectionBackground); outline: 1px solid var(--vscode-contrastActiveBorder, transparent); border-radius: 4px; }
.why { display: block; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5em 1em; margin: 0.8em 0; }
.actions:empty { display: none; }
.steps { list-style: none; padding: 0; }
.step { display: flex; gap: 0.5em; align-items: start; margin: 0.2em 0 0.7em; }
pre { flex: 1; min-width: 0; margin: 0; padding: 0.35em 0.6em; white-space: pre-wrap; background: var(--vscode-textCodeBlock-background); border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 3px; }
button { border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 0.25em 0.9em; font: inherit; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button:hover { background: var(--vscode-button-hoverBackground); }
button.second { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button.second:hover { background: var(--vscode-button-secondaryHoverBackground); }
a { color: var(--vscode-textLink-foreground); }
button.link { padding: 0; border: 0; text-align: left; color: var(--vscode-textLink-foreground); background: none; }
button.link:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
button:focus-visible, pre:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;
