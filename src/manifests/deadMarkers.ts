// Text that looks like a marker and that image-automation-controller never acts on, with the reason. Flux says nothing of it.
import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Place } from '../model/text';
import { lineCounter, parseYaml } from './documents';
import { readMarkerFile } from './markerFile';
import { type Marker, markersAmong, parseSetter, setterOf, type VisitedScalar, visitParts } from './markers';

export type DeadBecause =
  // The whole file is skipped.
  | 'file-name'
  | 'broken'
  | 'separator'
  | 'top-level-list'
  | 'metadata'
  | 'too-large'
  // The comment stands where the controller does not look.
  | 'in-text' // inside a scalar, most often a block
  | 'above-key' // on a line of its own above a mapping key
  | 'behind-key' // behind `key:`, the value begins on a later line or there is none
  | 'flow-collection' // behind the end of a flow collection
  | 'alias'
  | 'elsewhere'
  // The comment is read, but it names nothing.
  | 'malformed' // no JSON object of texts, or with text around it
  | 'setter' // no `namespace:policy[:tag|:name|:digest]`
  // It is acted on, in a new file.
  | 'list-object';

export interface DeadMarker extends Place {
  readonly because: DeadBecause;
  /** The comment from its `#`, or the line of text. */
  readonly text: string;
  /** What the author most likely meant. */
  readonly setter?: string;
}

const lookalike = /\$image-?policy|["']imagepolicy["']\s*:/i;

export interface InspectedMarkers {
  readonly markers: readonly Marker[];
  readonly dead: readonly DeadMarker[];
}

/** In the order of the file. Ordinary comments and markers that work are not among them. */
export function findDeadMarkers(file: string, text: string): readonly DeadMarker[] {
  return inspectMarkers(file, text).dead;
}

/** Both kinds at the price of one parse. */
export function inspectMarkers(file: string, text: string): InspectedMarkers {
  if (!lookalike.test(text)) return { markers: [], dead: [] };
  const found = linesWithMarkers(text);
  const source = readMarkerFile(file, withToken(text));
  if (source.skipped !== undefined) {
    const because = source.skipped === 'no-marker' ? 'elsewhere' : source.skipped;
    return { markers: [], dead: found.map((line) => describe(file, text, line, because)) };
  }
  const scalars = visitParts(file, text, source.parts);
  const visited = new Map(scalars.map((scalar) => [scalar.comment.range.start, scalar]));
  const suspects = found.flatMap((line): { line: MarkerLine; because: DeadBecause | 'unvisited' }[] => {
    const scalar = visited.get(line.start);
    const because = scalar === undefined ? 'unvisited' : whyDead(scalar);
    return because === undefined ? [] : [{ line, because }];
  });
  // The places of other nodes are only of interest for a comment that belongs to no visited scalar.
  const nodes = suspects.some(({ because }) => because === 'unvisited') ? nodesOf(text) : undefined;
  const dead = suspects.map(({ line, because }) =>
    describe(file, text, line, because === 'unvisited' ? whyUnvisited(text, line, nodes) : because),
  );
  // A file without the exact token is never opened, whatever stands in it.
  return { markers: text.includes(token) ? markersAmong(scalars) : [], dead };
}

const token = '"$imagepolicy"';

/** The reader's own test for the token is not of interest here: any file is looked into. */
function withToken(text: string): string {
  return text.includes(token) ? text : `${text}${text.endsWith('\n') ? '' : '\n'}# ${token}\n`;
}

interface MarkerLine {
  readonly start: number;
  readonly end: number;
  /** One-based. */
  readonly line: number;
  /** What stands before the `#` on the same line. */
  readonly before: string;
}

function linesWithMarkers(text: string): readonly MarkerLine[] {
  const lines: MarkerLine[] = [];
  const lineAt = lineCounter(text);
  for (const match of text.matchAll(/[^\r\n]+/g)) {
    const [line] = match;
    const at = line.search(lookalike);
    if (at < 0) continue;
    const hash = startOfComment(line, at);
    const start = match.index + Math.max(hash, line.length - line.trimStart().length);
    lines.push({
      start,
      end: match.index + line.length,
      line: lineAt(start),
      before: hash < 0 ? line : line.slice(0, hash),
    });
  }
  return lines;
}

/** The first `#` that begins a comment before the marker; -1 when the marker is in a value. */
function startOfComment(line: string, marker: number): number {
  for (let at = line.indexOf('#'); at >= 0 && at < marker; at = line.indexOf('#', at + 1)) {
    if (at === 0 || /[\s,"'\]}]/.test(line.charAt(at - 1))) return at;
  }
  return -1;
}

interface NodeRanges {
  readonly scalars: readonly (readonly [number, number])[];
  readonly aliases: readonly (readonly [number, number])[];
  readonly flowEnds: readonly number[];
}

function nodesOf(text: string): NodeRanges {
  const scalars: (readonly [number, number])[] = [];
  const aliases: (readonly [number, number])[] = [];
  const flowEnds: number[] = [];
  for (const document of parseYaml(text)) {
    visit(document, {
      Node: (_, node) => {
        if (!node.range) return;
        const [start, end] = node.range;
        if (isScalar(node)) scalars.push([start, end]);
        else if (isAlias(node)) aliases.push([start, end]);
        else if ((isMap(node) || isSeq(node)) && node.flow === true) flowEnds.push(end);
      },
    });
  }
  return { scalars, aliases, flowEnds };
}

function whyDead(scalar: VisitedScalar): DeadBecause | undefined {
  const setter = setterOf(scalar.comment.text);
  if (setter === undefined) return 'malformed';
  if (parseSetter(setter) === undefined) return 'setter';
  return scalar.isStray ? 'list-object' : undefined;
}

function whyUnvisited(text: string, line: MarkerLine, nodes: NodeRanges | undefined): DeadBecause {
  if (nodes === undefined) return 'elsewhere';
  if (
    nodes.scalars.some(([start, end]) => start < line.start && line.start < end && !isHeader(text, start, line.start))
  ) {
    return 'in-text';
  }
  const before = line.before.trimEnd();
  const end = line.start - (line.before.length - before.length);
  if (before.trim() === '' || /^\s*(?:- *)+$/.test(before)) return 'above-key';
  if (nodes.aliases.some(([, to]) => to === end || to === end - 1)) return 'alias';
  if (before.endsWith(':') || /:\s+[&!]\S*$/.test(before)) return 'behind-key';
  return nodes.flowEnds.some((to) => to === end || to === end - 1) ? 'flow-collection' : 'elsewhere';
}

/** The comment behind `|` or `>` is inside the range of its block, but no part of its text. */
function isHeader(text: string, start: number, comment: number): boolean {
  return /^[|>][-+0-9]*\s*$/.test(text.slice(start, comment));
}

function describe(file: string, text: string, line: MarkerLine, because: DeadBecause): DeadMarker {
  const shown = text.slice(line.start, line.end);
  const setter = /image-?policy["']?\s*[:=]\s*["']?\s*([\w.-]+)\s*[:/]\s*([\w.-]+)(?:\s*:\s*(tag|name|digest))?/i.exec(
    shown,
  );
  const [, namespace, policy, part] = setter ?? [];
  return {
    file,
    range: { start: line.start, end: line.end },
    line: line.line,
    because,
    text: shown,
    ...(namespace === undefined || policy === undefined
      ? {}
      : { setter: `${namespace}:${policy}${part === undefined ? '' : `:${part}`}` }),
  };
}
