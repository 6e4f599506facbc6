// A Kubernetes API on loopback: etcd and kube-apiserver, with a certificate and tokens of this stack alone.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../../src/lab/cluster/certificate';
import { formatKubeconfig } from '../../../src/lab/cluster/kubeconfig';
import { drawPorts } from './ports';
import type { Processes } from './processes';
import type { Programs } from './programs';
import { isServing } from './reach';
import type { Cluster } from './stackState';

/** Users and their groups. Only `admin` may do anything at first; tests give the others rights by RBAC. */
const users = { admin: 'system:masters', viewer: 'live:viewers', promoter: 'live:promoters' } as const;

export interface ApiServerParts {
  readonly folder: string;
  readonly programs: Programs;
  readonly processes: Processes;
}

export interface StartedApi extends Cluster {
  /** `http://127.0.0.1:PORT` */
  readonly etcd: string;
}

export const contextName = 'flux-promote-live';

export async function startApi({ folder, programs, processes }: ApiServerParts): Promise<StartedApi> {
  const [client = 0, peer = 0, secure = 0] = await drawPorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const server = `https://127.0.0.1:${secure}`;
  const file = (name: string): string => join(folder, name);
  const identity = selfSignedCertificate(Date.now());
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const names = Object.keys(users) as (keyof typeof users)[];
  const tokens = new Map(names.map((user) => [user, randomBytes(24).toString('base64url')]));
  const secrets = {
    'api.crt': identity.certificate,
    'api.key': identity.key,
    'accounts.pub': keys.publicKey.export({ type: 'spki', format: 'pem' }),
    'accounts.key': keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'tokens.csv': names.map((user, at) => `${tokens.get(user)},${user},${at + 1},"${users[user]}"\n`).join(''),
  };
  for (const [name, text] of Object.entries(secrets)) await writeFile(file(name), text, { mode: 0o600 });
  const certificate = identity.certificate;
  for (const user of names) {
    const kubeconfig = formatKubeconfig(contextName, { url: server, certificate, user, token: tokens.get(user) ?? '' });
    await writeFile(file(`${user}.kubeconfig`), kubeconfig, { mode: 0o600 });
  }
  await processes.start({
    name: 'etcd',
    program: programs.path('etcd'),
    args: [
      `--data-dir=${file('etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    isReady: () => isServing(`${etcd}/health`),
  });
  const authorization = `Bearer ${tokens.get('admin')}`;
  await processes.start({
    name: 'kube-apiserver',
    program: programs.path('kube-apiserver'),
    args: [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${secure}`,
      `--tls-cert-file=${file('api.crt')}`,
      `--tls-private-key-file=${file('api.key')}`,
      `--token-auth-file=${file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('accounts.pub')}`,
      `--service-account-signing-key-file=${file('accounts.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      // No Endpoints of a loopback address, no service accounts that nobody makes, no fair queueing in front of tests.
      '--endpoint-reconciler-type=none',
      '--disable-admission-plugins=ServiceAccount',
      '--enable-priority-and-fairness=false',
      '--anonymous-auth=false',
      '--profiling=false',
    ],
    isReady: () => isServing(`${server}/readyz`, { ca: certificate, headers: { authorization } }),
  });
  return {
    etcd,
    context: contextName,
    kubeconfig: file('admin.kubeconfig'),
    userKubeconfigs: { viewer: file('viewer.kubeconfig'), promoter: file('promoter.kubeconfig') },
    access: { server, certificate, token: tokens.get('admin') ?? '' },
  };
}
