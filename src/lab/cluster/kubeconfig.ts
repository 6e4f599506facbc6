// A kubeconfig for the lab. Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/

export interface Access {
  readonly url: string;
  /** PEM. */
  readonly certificate: string;
  readonly user: string;
  readonly token: string;
}

/** YAML with one cluster, one user and one context of the given name, which is the current one. */
export function formatKubeconfig(contextName: string, { url, certificate, user, token }: Access): string {
  const name = JSON.stringify(contextName);
  const login = JSON.stringify(`${contextName}-${user}`);
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
  - name: ${name}
    cluster:
      server: ${url}
      certificate-authority-data: ${Buffer.from(certificate).toString('base64')}
users:
  - name: ${login}
    user:
      token: ${JSON.stringify(token)}
contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${login}
`;
}
