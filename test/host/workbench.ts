// Drives the built .vsix in a real VS Code by its user interface, as a person would: by names that are on the
// screen, never by the extension's own objects. One workbench is one server and one browser page.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from '../../scripts/browser';
import { chosenHost, ensureEditorHost } from '../../scripts/editorHost';
import { type EditorServer, type Settings, startEditorServer } from '../../scripts/editorServer';
import { root, testPackage, workFolder } from '../../scripts/paths';
import { until } from '../lab/until';

export interface WorkbenchOptions {
  /** The workspace folder, absolute. */
  readonly folder: string;
  /** Machine and user settings, beside the quiet ones. */
  readonly settings?: Settings;
  /** `false` opens the folder in Restricted Mode. */
  readonly trusted?: boolean;
  /** A file to open at once, absolute. */
  readonly file?: string;
  /** For the extension host and all that it starts. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What one step may take: CI's machine is slow and busy, and a step that works takes a few seconds. */
const stepMs = 60_000;

export type Text = string | RegExp;

/** Starts VS Code with the package installed and waits until it can be used. Close it in `after`. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  if (!existsSync(testPackage)) throw new Error(`${testPackage} is missing: run "npm run test:host" once.`);
  const { folder, settings = {}, trusted = true, file, env = {} } = options;
  const host = await ensureEditorHost(chosenHost());
  const server = await startEditorServer(host, {
    vsix: testPackage,
    trust: trusted ? 'given' : 'asked',
    settings: { 'security.workspace.trust.startupPrompt': 'never', ...settings },
    env,
  });
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(stepMs);
  await page.goto(server.url(resolve(folder), file === undefined ? {} : { openFile: resolve(file) }));
  const bench = new Workbench(page, browser, server);
  await bench.ready();
  return bench;
}

export class Workbench {
  constructor(
    /** For what this driver has no word for. */
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: EditorServer,
  ) {}

  /** The workbench is drawn and the extension host answers. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page
      .getByRole('tab', { name: /^Explorer/ })
      .first()
      .waitFor();
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  /** Loads the page again, as *Reload Window* does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async press(keys: string): Promise<void> {
    await this.page.keyboard.press(keys);
  }

  // ---- commands and the questions they ask

  /**
   * Runs a command by its full title ("Flux Promote: Refresh") from the palette, and makes its first choices. All of it
   * is asked again when a pick closes unanswered: a webview that gets the focus back takes it from the pick.
   */
  async palette(title: string, ...choices: Text[]): Promise<void> {
    await this.quietly(async (timeout) => {
      await this.page.keyboard.press('F1');
      const input = this.quickInput().locator('input').first();
      await input.fill(`>${title}`, { timeout });
      const option = this.quickInput()
        .getByRole('option', { name: startsWith(title) })
        .first();
      await option.click({ timeout });
      for (const choice of choices) await this.choose(choice, timeout);
    });
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Chooses a row of the quick pick that is open now. Only rows on the screen exist: `filter` brings up others. */
  async quickPick(option: Text, filter?: string): Promise<void> {
    if (filter !== undefined) await this.quickInput().locator('input').first().fill(filter);
    await this.choose(option, stepMs);
  }

  /** Until the pick is gone: the next choice could else be made in the same list, which the extension has closed by then. */
  private async choose(option: Text, timeout: number): Promise<void> {
    // Where the pointer rests on a row, that row's hover lies over the next ones: it is moved to the edge, where nothing is.
    await this.page.mouse.move(1279, 400);
    const row = this.quickInput().getByRole('option', { name: option }).first();
    await row.waitFor({ timeout });
    const before = await this.question();
    await row.click({ timeout });
    await until(async () => (await this.question()) !== before, {
      timeoutMs: stepMs,
      what: `"${before}" to be closed`,
    });
  }

  /** The words of the quick input that is open now. */
  private async question(): Promise<string> {
    return this.quickInput().evaluateAll((inputs) =>
      inputs.map((input) => `${input.querySelector('input')?.placeholder}: ${input.textContent}`).join(),
    );
  }

  /** The rows of the quick pick that is open now: "label, description, detail". */
  async quickPickRows(timeout = stepMs): Promise<string[]> {
    const rows = this.quickInput().getByRole('option');
    await rows.first().waitFor({ timeout });
    return rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
  }

  /** Presses what opens a quick pick, and reads its rows. A lens that is drawn anew meanwhile takes no click. */
  async rowsBehind(opener: Locator): Promise<string[]> {
    let rows: string[] = [];
    await this.quietly(async (timeout) => {
      await opener.click({ timeout });
      rows = await this.quickPickRows(timeout);
    });
    return rows;
  }

  /** Types into the input box that is open now and accepts it. */
  async input(text: string): Promise<void> {
    await this.quickInput().locator('input').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The modal dialog that says `text`. */
  async dialog(text: Text): Promise<Locator> {
    const dialog = this.page.locator('.monaco-dialog-box').filter({ hasText: text });
    await dialog.waitFor();
    return dialog;
  }

  /** Presses a button of the modal dialog that says `text`. */
  async answer(text: Text, button: Text): Promise<void> {
    const dialog = await this.dialog(text);
    await dialog.getByRole('button', { name: button }).first().click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** The message in the corner that says `text`; `getByRole('button', {name})` of it are its actions. */
  async toast(text: Text): Promise<Locator> {
    const toast = this.page.locator('.notification-toast').filter({ hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  async clearToasts(): Promise<void> {
    await this.palette('Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').first().waitFor({ state: 'detached' });
  }

  // ---- views

  /** Opens a view container by its title in the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.getByRole('tab', { name: startsWith(title) }).first();
    await this.quietly(async (timeout) => {
      if ((await tab.getAttribute('aria-selected', { timeout })) !== 'true') await tab.click({ timeout });
      await this.page.locator('.part.sidebar .composite.title').filter({ hasText: title }).waitFor({ timeout });
    });
  }

  tree(view: string): Locator {
    return this.page.getByRole('tree', { name: view });
  }

  /** A row by its text; an expression matches the whole accessible label, which newer versions lengthen. */
  row(text: Text, view?: string): Locator {
    const scope = view === undefined ? this.page : this.tree(view);
    return scope.getByRole('treeitem', { name: text }).first();
  }

  /** Waits for what a row says of itself, with its state. Long enough for a rollout in the lab on a slow machine. */
  async untilRow(row: Locator, says: RegExp, what: string): Promise<void> {
    const isSaid = async (): Promise<boolean> => says.test((await row.getAttribute('aria-label')) ?? '');
    await until(isSaid, { timeoutMs: 120_000, what });
  }

  /** Every row that is drawn now, as "level label · description". */
  async rows(view: string): Promise<string[]> {
    await this.tree(view).getByRole('treeitem').first().waitFor();
    return this.tree(view)
      .getByRole('treeitem')
      .evaluateAll((rows) =>
        rows.map((row) => {
          const label = row.querySelector('.label-name')?.textContent ?? '';
          const description = row.querySelector('.label-description')?.textContent ?? '';
          return `${row.getAttribute('aria-level')} ${label}${description === '' ? '' : ` · ${description}`}`;
        }),
      );
  }

  async expand(row: Locator): Promise<void> {
    await this.quietly(async (timeout) => {
      if ((await row.getAttribute('aria-expanded', { timeout })) === 'true') return;
      await row.locator('.monaco-tl-twistie').click({ timeout });
      await row.and(this.page.locator('[aria-expanded="true"]')).waitFor({ timeout });
    });
  }

  /** Chooses an entry of a row's context menu. */
  async contextMenu(row: Locator, entry: Text): Promise<void> {
    await this.quietly(async (timeout) => {
      await row.click({ button: 'right', timeout });
      // By the keyboard: a new menu takes no click in its first moments.
      await this.page.getByRole('menuitem', { name: entry }).first().hover({ timeout });
      await this.press('Enter');
    });
  }

  /** Presses one of the buttons that a row shows under the pointer. */
  async rowAction(row: Locator, title: Text): Promise<void> {
    await this.quietly(async (timeout) => {
      await row.hover({ timeout });
      await row.getByRole('button', { name: title }).first().click({ timeout });
    });
  }

  /** The words that an empty view shows. */
  welcome(): Locator {
    return this.page.locator('.welcome-view');
  }

  statusBar(text: Text): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  // ---- the editor

  /** Opens a file by its absolute path, with the cursor at a line and column counted from 1. */
  async openFile(file: string, line = 1, column = 1): Promise<void> {
    const name = file.split('/').at(-1) ?? file;
    await this.quietly(async (timeout) => {
      await this.page.keyboard.press('ControlOrMeta+p');
      const input = this.quickInput().locator('input').first();
      await input.fill(`${resolve(file)}:${line}:${column}`, { timeout });
      await this.quickInput()
        .getByRole('option', { name: startsWith(name) })
        .first()
        .click({ timeout });
    });
    await this.editor().locator('.view-line').first().waitFor();
    await this.page
      .getByRole('tab', { name: startsWith(name) })
      .first()
      .waitFor();
  }

  editor(): Locator {
    return this.page.locator('.editor-group-container.active .monaco-editor').first();
  }

  /** One side of the diff editor that is shown. */
  diff(side: 'original' | 'modified'): Locator {
    return this.page.locator(`.monaco-diff-editor .editor.${side}`);
  }

  /** Applies the quick fix that is offered where the cursor is. */
  async quickFix(title: Text): Promise<void> {
    await this.quietly(async (timeout) => {
      await this.palette('Quick Fix...');
      const offered = this.page.locator('.action-widget').getByRole('option', { name: title }).first();
      await offered.waitFor({ timeout });
      // By the keyboard: older versions lay a shield over the menu.
      const chosen = offered.and(this.page.locator('.focused'));
      for (let step = 0; step < 20 && !(await chosen.isVisible()); step++) await this.press('ArrowDown');
      await this.press('Enter');
      await offered.waitFor({ state: 'detached', timeout });
    });
  }

  /** The text that is shown for the place where the cursor is. */
  async hover(): Promise<string> {
    const hover = this.page.locator('.monaco-hover:visible').first();
    await this.quietly(async (timeout) => {
      await this.palette('Show or Focus Hover');
      await hover.waitFor({ timeout });
    });
    return hover.innerText();
  }

  /** The body of the page in a webview, once it says `text`. */
  async webview(text: Text): Promise<Locator> {
    const body = this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame').locator('body');
    await body.getByText(text).first().waitFor();
    return body;
  }

  squiggles(severity: 'error' | 'warning' | 'info'): Locator {
    return this.editor().locator(`.squiggly-${severity}`);
  }

  /** The rows of the Problems view, files and messages. Waits for the first one that says `text`. */
  async problems(text: Text): Promise<string[]> {
    await this.palette('Problems: Focus on Problems View');
    const rows = this.page.locator('.markers-panel').getByRole('treeitem');
    await rows.filter({ hasText: text }).first().waitFor();
    return rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
  }

  async clipboard(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** What the extension's output channel shows now. */
  async log(): Promise<string> {
    const lines = this.page.locator('.part.panel .view-lines');
    await this.quietly(async (timeout) => {
      await this.palette('Flux Promote: Show Log');
      const shown = this.page.locator('.part.panel option:checked').filter({ hasText: 'Flux Promote' });
      await shown.first().waitFor({ state: 'attached', timeout });
      await lines.waitFor({ timeout });
    });
    return lines.innerText();
  }

  // ---- pictures

  /** Saves a picture under .work/screenshots, by host, to look at after a run. */
  async screenshot(name: string): Promise<string> {
    return this.picture(join(workFolder, 'screenshots', chosenHost(), `${name}.png`));
  }

  /** Renews a picture that the README shows; on the oldest version only, so that one run writes it once. */
  async readmePicture(name: string): Promise<void> {
    const progress = this.page
      .locator('.notification-toast')
      .filter({ has: this.page.locator('.progress-bit:visible') });
    await progress.first().waitFor({ state: 'detached' });
    if (chosenHost() === 'floor') await this.picture(join(root, 'media', 'screenshots', `${name}.png`));
  }

  private async picture(path: string): Promise<string> {
    mkdirSync(join(path, '..'), { recursive: true });
    await this.page.addStyleTag({
      content:
        '[id="status.host"],[id="status.forwardedPorts"],[id="status.workbench.keyboardLayout"]{display:none!important}',
    });
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  /**
   * Repeats a gesture that a redraw can swallow, or that comes before the extension host has said what it offers.
   * Only gestures that change nothing when they fail belong here: opening a menu, focusing a view. The first tries
   * are short, because a swallowed gesture never succeeds, and the later ones long, because the machine may be slow.
   */
  private async quietly(gesture: (timeout: number) => Promise<void>): Promise<void> {
    const start = Date.now();
    for (let timeout = 2000; ; timeout = Math.min(timeout * 1.5, 15_000)) {
      try {
        return await gesture(timeout);
      } catch (error) {
        if (Date.now() - start > stepMs) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }
}

function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'i');
}
