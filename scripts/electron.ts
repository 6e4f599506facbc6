// `npm run test:electron`: the suites inside the extension host of a desktop VS Code, the one that
// VSCODE_EXECUTABLE names or the oldest supported one, which @vscode/test-electron then downloads.

import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { formatCounts, readCounts } from './counts';
import { bundleHostSuite } from './hostSuite';
import { build } from './package';
import { root, workFolder } from './paths';
import { runScript } from './process';

runScript(async () => {
  await build();
  const { folder, tests } = await bundleHostSuite();
  const countsFile = join(workFolder, 'host-suite', 'counts.json');
  const executable = process.env['VSCODE_EXECUTABLE'];
  await runTests({
    ...(executable === undefined ? { version: '1.100.3' } : { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: root,
    extensionTestsPath: tests,
    extensionTestsEnv: { FLUX_PROMOTE_COUNTS: countsFile },
    launchArgs: [folder, '--disable-workspace-trust', '--disable-extensions'],
  });
  const counts = readCounts(countsFile);
  if (counts === undefined) throw new Error('The suites left no counts.');
  process.stdout.write(`
${formatCounts(counts)}`);
});
