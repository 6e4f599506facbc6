// The stack's Git server as a process: `node --require tsx/cjs gitMain.ts ROOT PORT`.
import { startGitServer } from '../../../src/lab/git/gitServer';

const [root = '.', port = '0'] = process.argv.slice(2);
startGitServer({ root, port: Number(port) }).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
