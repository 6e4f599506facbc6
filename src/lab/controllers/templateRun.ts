// Runs a parsed template over values that print as Go prints them. Maps are walked in the order of their keys.
import { type Node, type Pipe, TemplateError, type Term } from './templateParse';

/** A Go struct: what its fields hold, and how it prints. */
export interface Struct {
  readonly type: string;
  readonly fields: Readonly<Record<string, Value>>;
  readonly text: string;
}
export interface Dictionary {
  readonly entries: readonly (readonly [Value, Value])[];
}
export type Value = string | number | boolean | undefined | readonly Value[] | Struct | Dictionary;

function isValues(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isStruct(value: Value): value is Struct {
  return typeof value === 'object' && 'fields' in value;
}

function isDictionary(value: Value): value is Dictionary {
  return typeof value === 'object' && 'entries' in value && !isValues(value);
}

export function formatValue(value: Value): string {
  if (value === undefined) return '<no value>';
  if (isValues(value)) return `[${value.map(formatValue).join(' ')}]`;
  if (isStruct(value)) return value.text;
  if (isDictionary(value)) {
    return `map[${value.entries.map(([key, item]) => `${formatValue(key)}:${formatValue(item)}`).join(' ')}]`;
  }
  return String(value);
}

function isTruthy(value: Value): boolean {
  if (isValues(value)) return value.length > 0;
  if (isStruct(value)) return true;
  if (isDictionary(value)) return value.entries.length > 0;
  return value !== undefined && value !== '' && value !== 0 && value !== false;
}

function printf([format, ...values]: readonly Value[]): string {
  let next = 0;
  return formatValue(format).replaceAll(/%(?:%|(\.\d+)?([svqd]))/g, (whole, precision: string | undefined, verb) => {
    if (whole === '%%') return '%';
    const text = next < values.length ? formatValue(values[next]) : `%!${String(verb)}(MISSING)`;
    next += 1;
    if (verb === 'q') return JSON.stringify(text);
    return precision === undefined ? text : text.slice(0, Number(precision.slice(1)));
  });
}

const size = (value: Value): number => {
  if (isValues(value) || typeof value === 'string') return value.length;
  return isDictionary(value) ? value.entries.length : 0;
};

const functions: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  and: (values) => values.find((value) => !isTruthy(value)) ?? values.at(-1),
  or: (values) => values.find(isTruthy) ?? values.at(-1),
  not: ([value]) => !isTruthy(value),
  eq: ([first, ...rest]) => rest.some((value) => formatValue(value) === formatValue(first)),
  ne: ([first, second]) => formatValue(first) !== formatValue(second),
  len: ([value]) => size(value),
  print: (values) => values.map(formatValue).join(''),
  println: (values) => `${values.map(formatValue).join(' ')}\n`,
  printf,
  lower: ([text]) => formatValue(text).toLowerCase(),
  upper: ([text]) => formatValue(text).toUpperCase(),
  trim: ([text]) => formatValue(text).trim(),
  quote: (values) => values.map((value) => JSON.stringify(formatValue(value))).join(' '),
  trunc: ([length, text]) => formatValue(text).slice(0, Number(length)),
};

type Scope = ReadonlyMap<string, Value>;

function walk(value: Value, path: readonly string[]): Value {
  let current = value;
  for (const name of path) {
    if (isStruct(current)) {
      if (!Object.hasOwn(current.fields, name)) {
        const where = `can't evaluate field ${name} in type ${current.type}`;
        throw new TemplateError(
          `template: commit message: executing "commit message" at <.${path.join('.')}>: ${where}`,
        );
      }
      current = current.fields[name];
    } else if (isDictionary(current)) {
      current = current.entries.find(([key]) => formatValue(key) === name)?.[1];
    } else {
      const where = `can't evaluate field ${name} in type ${typeof current}`;
      throw new TemplateError(`template: commit message: executing "commit message" at <.${path.join('.')}>: ${where}`);
    }
  }
  return current;
}

function evaluateTerm(term: Term, dot: Value, scope: Scope): Value {
  switch (term.kind) {
    case 'literal':
      return term.value;
    case 'field':
      return walk(dot, term.path);
    case 'variable':
      if (!scope.has(term.name)) throw new TemplateError(`template: commit message: undefined variable "${term.name}"`);
      return walk(scope.get(term.name), term.path);
    case 'group':
      return evaluate(term.pipe, dot, scope);
    case 'call':
      return functions[term.name]?.([]);
    default:
      return term satisfies never;
  }
}

function evaluate(pipe: Pipe, dot: Value, scope: Scope): Value {
  let piped: readonly Value[] = [];
  for (const [head, ...rest] of pipe.commands) {
    if (head === undefined) continue;
    const values = [...rest.map((term) => evaluateTerm(term, dot, scope)), ...piped];
    piped = [head.kind === 'call' ? functions[head.name]?.(values) : evaluateTerm(head, dot, scope)];
  }
  return piped[0];
}

function pairsOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isDictionary(value)) return value.entries;
  return isValues(value) ? value.map((item, index) => [index, item] as const) : [];
}

function run(nodes: readonly Node[], dot: Value, outer: Scope): string {
  const scope = new Map(outer);
  let text = '';
  for (const node of nodes) {
    if (node.kind === 'text') {
      text += node.text;
      continue;
    }
    const value = evaluate(node.pipe, dot, scope);
    const [first, second] = node.pipe.declares;
    if (node.kind === 'show') {
      if (first === undefined) text += formatValue(value);
      else scope.set(first, value);
    } else if (!isTruthy(value)) {
      text += run(node.otherwise, dot, scope);
    } else if (node.kind === 'range') {
      for (const [key, item] of pairsOf(value)) {
        const inner = new Map(scope);
        if (first !== undefined) inner.set(first, second === undefined ? item : key);
        if (second !== undefined) inner.set(second, item);
        text += run(node.body, item, inner);
      }
    } else {
      const inner = first === undefined ? scope : new Map(scope).set(first, value);
      text += run(node.body, node.kind === 'with' ? value : dot, inner);
    }
  }
  return text;
}

/** The template's text over `root`. Throws TemplateError with Go's words. */
export function runTemplate(nodes: readonly Node[], root: Value): string {
  return run(nodes, root, new Map([['$', root]]));
}
