// The readable parts of a tag: `production-v0.0.2-025c591-1770392924` reads as v0.0.2 · 025c591.

export interface TagParts {
  readonly version?: string;
  readonly commit?: string;
  /** Milliseconds since the epoch, from a Unix or a YYYYMMDDhhmmss stamp. */
  readonly builtAt?: number;
}

export function parseTag(tag: string): TagParts {
  const parts: { version?: string; commit?: string; builtAt?: number } = {};
  for (const token of tag.split(/[-_+]/)) {
    if (/^v?\d+(?:\.\d+)+$/.test(token)) parts.version ??= token;
    else if (/^\d{10}$/.test(token)) parts.builtAt ??= Number(token) * 1000;
    else if (/^\d{14}$/.test(token)) parts.builtAt ??= parseStamp(token);
    else if (/^[0-9a-f]{7,40}$/.test(token)) parts.commit ??= token.slice(0, 7);
  }
  return parts;
}

/** `v0.0.2 · 025c591`, or the whole tag where it has no such parts. */
export function formatTag(tag: string): string {
  const { version, commit } = parseTag(tag);
  return version === undefined ? tag : [version, commit].filter((part) => part !== undefined).join(' · ');
}

function parseStamp(text: string): number {
  const [year, month, day, hour, minute, second] = [
    text.slice(0, 4),
    ...[4, 6, 8, 10, 12].map((at) => text.slice(at, at + 2)),
  ].map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
}
