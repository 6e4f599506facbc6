// A credential program of a kubeconfig (`users[].user.exec`), as client-go runs it: client.authentication.k8s.io/v1 and
// v1beta1, k8s.io/client-go/plugin/pkg/client/auth/exec. Never interactive: nobody is there to answer.
import { ProblemError } from '../../model/problem';
import type { Clock } from '../clock';
import { asArray, asObject, asString, type JsonObject, parseJson } from '../json';
import { runProgram } from '../program';
import { causeOf } from '../redact';

export interface ExecPlugin {
  readonly apiVersion: string;
  /** A name on the PATH, or an absolute path. */
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly wantsCluster: boolean;
  readonly isInteractive: boolean;
}

/** What a program is told of its cluster, in the API's own names. */
export type ExecCluster = JsonObject;

export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  readonly key?: string;
}

export interface ExecOptions {
  readonly context: string;
  readonly plugin: ExecPlugin;
  readonly cluster: ExecCluster;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
/** Asked again this long before the credential ends, so that no request goes out with one that ends on its way. */
const marginMs = 10_000;
const maxBytes = 1_000_000;

/** `user.exec` of a kubeconfig; undefined for a user without. */
export function readExecPlugin(exec: unknown): ExecPlugin | undefined {
  const fields = asObject(exec);
  if (fields === undefined) return undefined;
  const pairs = asArray(fields['env']).flatMap((item) => {
    const name = asString(asObject(item)?.['name']);
    return name === undefined ? [] : [[name, asString(asObject(item)?.['value']) ?? ''] as const];
  });
  return {
    apiVersion: asString(fields['apiVersion']) ?? '',
    command: asString(fields['command']) ?? '',
    arguments: asArray(fields['args']).flatMap((one) => asString(one) ?? []),
    environment: Object.fromEntries(pairs),
    installHint: asString(fields['installHint']),
    wantsCluster: fields['provideClusterInfo'] === true,
    isInteractive: fields['interactiveMode'] === 'Always',
  };
}

/** Runs the program when a credential is needed, once for all who wait, and keeps it until it ends or is refused. */
export class ExecCredentials {
  readonly #options: ExecOptions;
  #held: { readonly credential: ExecCredential; readonly endsAt: number } | undefined;
  #running: Promise<ExecCredential> | undefined;

  constructor(options: ExecOptions) {
    this.#options = options;
  }

  /** Rejects with `cluster-unauthorized` and the program's own words as the cause. */
  async get(): Promise<ExecCredential> {
    if (this.#held !== undefined && this.#options.clock.now() < this.#held.endsAt) return this.#held.credential;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  /** The server does not take what the program gave: it is asked again. */
  forget(): void {
    this.#held = undefined;
  }

  async #run(): Promise<ExecCredential> {
    const { context, plugin, cluster, environment, timeoutMs } = this.#options;
    if (!versions.includes(plugin.apiVersion)) {
      throw this.#problem(`speaks ${plugin.apiVersion || 'no version'}, and only v1 and v1beta1 are known. Update it`);
    }
    if (plugin.isInteractive) {
      throw this.#problem('wants to ask you, which it cannot do from here. Sign in with it in a terminal');
    }
    const info = {
      apiVersion: plugin.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(plugin.wantsCluster ? { cluster } : {}) },
    };
    // All who wait share one run: none of them may end it for the others.
    const { signal } = new AbortController();
    const result = await runProgram(
      {
        program: plugin.command,
        arguments: plugin.arguments,
        input: '',
        environment: { ...environment, ...plugin.environment, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeoutMs,
        maxBytes,
      },
      signal,
    ).catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code === 'program-failed') throw this.#missing(error);
      throw error;
    });
    if (result.exitCode !== 0) {
      throw this.#problem(
        `ended with ${result.exitCode ?? 'a signal'}. Run kubectl --context ${context} get namespaces in a terminal to see why`,
        result.stderr,
      );
    }
    return this.#keep(result.stdout);
  }

  #keep(output: string): ExecCredential {
    const answer = asObject(parseJson(output));
    const status = asObject(answer?.['status']);
    const token = asString(status?.['token']);
    const certificate = asString(status?.['clientCertificateData']);
    const key = asString(status?.['clientKeyData']);
    const isCertificate = certificate !== undefined && key !== undefined;
    // What it printed may be a secret: it goes nowhere.
    if (answer?.['kind'] !== 'ExecCredential' || (!isCertificate && (token ?? '') === '')) {
      throw this.#problem('answered with no credential. Run it in a terminal to see what it prints');
    }
    if (answer['apiVersion'] !== this.#options.plugin.apiVersion) {
      throw this.#problem(
        `answered as ${asString(answer['apiVersion']) ?? 'no version'}, and the kubeconfig asks for ${this.#options.plugin.apiVersion}. Update the kubeconfig`,
      );
    }
    const ends = Date.parse(asString(status?.['expirationTimestamp']) ?? '');
    const credential: ExecCredential = {
      ...(token === undefined || token === '' ? {} : { token }),
      ...(isCertificate ? { certificate, key } : {}),
    };
    this.#held = { credential, endsAt: Number.isNaN(ends) ? Number.POSITIVE_INFINITY : ends - marginMs };
    return credential;
  }

  #missing(error: ProblemError): ProblemError {
    const { installHint } = this.#options.plugin;
    const [hint] = (installHint ?? '').trim().split('\n');
    const next =
      hint === undefined || hint === '' ? 'Install it, or put its folder on the PATH' : hint.replace(/\.$/, '');
    return this.#problem(`could not be started. ${next}`, error.problem.cause);
  }

  #problem(what: string, cause = ''): ProblemError {
    const { context, plugin } = this.#options;
    const name = plugin.command.slice(plugin.command.lastIndexOf('/') + 1);
    return new ProblemError({
      code: 'cluster-unauthorized',
      message: `The credential program ${name} of the context ${context} ${what}.`,
      ...(cause.trim() === '' ? {} : { cause: causeOf(cause.trim(), 500) }),
    });
  }
}
