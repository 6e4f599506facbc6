import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { cacheFolder } from './paths';
import { run } from './process';
import { findOnPath, isExecutable } from './programs';

const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const debianPackages = [
  'chromium-headless-shell',
  'fonts-dejavu-core',
  'fonts-liberation',
  'fonts-inter',
  'fonts-jetbrains-mono',
];

function findBrowser(): string | undefined {
  const chosen = process.env['CHROME_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`CHROME_PATH names ${chosen}, which is not a program.`);
    return chosen;
  }
  return findOnPath(names) ?? usualPlaces.find(isExecutable);
}

/** Finds a Chromium, or installs one where that needs nobody's leave: on Debian as root. */
export async function ensureBrowser(): Promise<string> {
  const found = findBrowser();
  if (found !== undefined) return found;
  const install = `apt-get install -y --no-install-recommends ${debianPackages.join(' ')}`;
  const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (isDebianRoot) {
    process.stdout.write('Installing a headless Chromium from Debian ...\n');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run('apt-get', ['update', '-q'], { env, deadlineMs: 180_000, output: 'keep' });
    const result = await run('apt-get', ['-q', ...install.split(' ').slice(1)], {
      env,
      deadlineMs: 600_000,
      output: 'keep',
    });
    if (result.code !== 0) process.stdout.write(`${update.output}${result.output}`);
    const installed = findBrowser();
    if (installed !== undefined) return installed;
  }
  throw new Error(`The tests in VS Code need a Chromium: install one (Debian: ${install}) or name one in CHROME_PATH.`);
}

// Without these two families the workbench falls back to a wide face and pictures do not look like a desktop.
const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  ${[
    ['system-ui', 'Inter'],
    ['sans-serif', 'Inter'],
    ['monospace', 'JetBrains Mono'],
  ]
    .map(
      ([family, preferred]) =>
        `<match target="pattern"><test name="family"><string>${family}</string></test><edit name="family" mode="prepend" binding="strong"><string>${preferred}</string></edit></match>`,
    )
    .join('\n  ')}
</fontconfig>
`;

/** A fontconfig file for the browser's environment: makes pictures look alike on every Linux. */
function writeFontsConfiguration(): string {
  const file = join(cacheFolder(), 'fonts.conf');
  mkdirSync(cacheFolder(), { recursive: true });
  writeFileSync(file, fontsConfiguration);
  return file;
}

/** Starts the browser without a window; `close()` ends it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await ensureBrowser();
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    env: { ...process.env, FONTCONFIG_FILE: writeFontsConfiguration() },
  });
}
