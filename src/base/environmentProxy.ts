// Which proxy the environment names for an address, as Go's programs, kubectl among them, understand it
// (golang.org/x/net/http/httpproxy).
import { BlockList, isIP } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined for none. Loopback is never asked through a proxy. */
export function environmentProxy(server: string, environment: Environment): string | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined) return undefined;
  const name = url.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const proxy = valueOf(environment, name);
  if (proxy === undefined || isExcepted(url, valueOf(environment, 'NO_PROXY') ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name] ?? environment[name.toLowerCase()];
  return value === '' ? undefined : value;
}

function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isAddress = isIP(host) !== 0;
  if (host === 'localhost' || (isAddress && holds('127.0.0.0/8', host)) || host === '::1') return true;
  const shownPort = port === '' ? (protocol === 'http:' ? '80' : '443') : port;
  return exceptions
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .some((one) => {
      if (one === '*') return true;
      if (one.includes('/')) return isAddress && holds(one, host);
      const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(one) === 6 ? `[${one}]` : one) ?? [];
      if (name === '' || (onlyPort !== undefined && onlyPort !== shownPort)) return false;
      const wanted = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '.');
      if (isAddress) return wanted === host;
      // `.example.com` is what lies below it; `example.com` is that and itself.
      return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted || host.endsWith(`.${wanted}`);
    });
}

/** Whether an address lies in `10.0.0.0/8`. */
function holds(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address);
  const length = Number(bits);
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(bits) || length > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, length, type);
  return list.check(host, type);
}
