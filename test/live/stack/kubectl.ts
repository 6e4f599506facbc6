import { spawn } from 'node:child_process';
import type { ClusterName } from './namedCluster';

/** kubectl on one context of one kubeconfig, whatever the user's own environment says. */
export function kubectl(program: string, { kubeconfig, context }: ClusterName) {
  return async (args: readonly string[], input?: string): Promise<string> => {
    const child = spawn(program, [`--kubeconfig=${kubeconfig}`, `--context=${context}`, ...args], {
      stdio: 'pipe',
    });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return Buffer.concat(output).toString('utf8');
    throw new Error(
      `kubectl ${args.join(' ')} ended with ${code}: ${Buffer.concat(complaints).toString('utf8').trim()}`,
    );
  };
}
