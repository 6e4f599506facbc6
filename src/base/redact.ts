// Takes secrets out of texts that come from outside (programs, servers) before they reach a log or a message.
// It removes too much rather than too little; nothing else in the house may decide what is a secret.
import type { Logger } from './logger';

const rules: readonly (readonly [RegExp, string])[] = [
  // Userinfo of an address: https://user:secret@host, and https://secret@host.
  [/([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]+@/gi, '$1***@'],
  // Header lines and JSON members that carry credentials, whatever their form.
  [
    /(["']?(?:proxy-)?authorization["']?\s*[:=]\s*)(["']?)(?:(?:basic|bearer|token|negotiate|digest)\s+)?[^\s"',}]+\2/gi,
    '$1***',
  ],
  [/\b(basic|bearer|token)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ***'],
  [
    /(["']?(?:[a-z0-9]+[_-])*(?:token|password|passwd|secret|api[_-]?key|private[_-]?key|client-key-data)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s"',&;}]+)/gi,
    '$1***',
  ],
  // GitHub, GitLab and Slack tokens, JSON web tokens.
  [/\b(?:gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,})/g, '***'],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '***'],
];

/** The text without anything that looks like a credential. */
export function redact(text: string): string {
  let result = text;
  for (const [pattern, replacement] of rules) result = result.replace(pattern, replacement);
  return result;
}

/** The end of a program's or server's own words for `Problem.cause`: redacted and at most `limit` characters. */
export function causeOf(text: string, limit = 2000): string {
  const clean = redact(text).trim();
  return clean.length <= limit ? clean : `…${clean.slice(-limit)}`;
}

/** A logger whose every line is redacted. */
export function redactedLogger(logger: Logger): Logger {
  return {
    trace: (message) => logger.trace(redact(message)),
    debug: (message) => logger.debug(redact(message)),
    info: (message) => logger.info(redact(message)),
    warn: (message) => logger.warn(redact(message)),
    error: (message) => logger.error(redact(message)),
  };
}

/** What is known of something thrown: the stack where there is one, redacted. */
export function wordsOf(error: unknown): string {
  return redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
