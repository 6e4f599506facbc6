// The inputs of a promotion workflow: which of them the plan fills by itself, and which a person is asked for.

import { environmentWordsOf } from '../../fleet/environments';
import type { Workflow, WorkflowInput } from '../../model/facts';
import type { ServiceSetting } from '../../model/settings';

export type Inputs = Readonly<Record<string, string>>;

export interface KnownInputs {
  /** The source tag is always explicit: in the input that asks for a tag, else for an image. Absent where none does. */
  readonly tagInput?: string;
  /** Filled by the plan or by the settings. */
  readonly values: Inputs;
  /** What a run carries so that it can be told from others; absent where the workflow takes no such thing. */
  readonly correlation?: string;
  /** What is left for a person. */
  readonly open: readonly WorkflowInput[];
}

export interface InputsQuestion {
  readonly workflow: Workflow;
  readonly setting: ServiceSetting | undefined;
  readonly environment: string;
  readonly tag: string;
  readonly digest: string | undefined;
  readonly reason: string;
  /** Names this promotion among others. */
  readonly correlation: string;
}

const reasonName = /^(?:reason|why|message|comment|notes?)$/i;
const correlationName = /correlation|(?:request|dispatch|trace)[-_]?id/i;

export function fillInputs(question: InputsQuestion): KnownInputs {
  const { workflow, setting, tag, reason, correlation } = question;
  const fixed = setting?.inputs ?? {};
  const free = workflow.inputs.filter(({ name }) => fixed[name] === undefined);
  const texts = free.filter(({ type }) => type === 'string');
  const tagInput = (texts.find(({ name }) => /tag/i.test(name)) ?? texts.find(({ name }) => /image/i.test(name)))?.name;
  const correlated = free.find(({ name }) => correlationName.test(name))?.name;
  const told = new Map<string, string>(Object.entries(fixed));
  for (const input of free) {
    const value =
      input.name === tagInput
        ? tag
        : input.name === correlated
          ? correlation
          : reasonName.test(input.name) && input.type === 'string'
            ? reason
            : obviousValue(input, question);
    if (value !== undefined) told.set(input.name, value);
  }
  return {
    ...(tagInput === undefined ? {} : { tagInput }),
    values: Object.fromEntries(told),
    ...(correlated === undefined ? {} : { correlation }),
    open: free.filter(({ name }) => !told.has(name)),
  };
}

/** The digest of the image, and the environment that is promoted into. */
function obviousValue(input: WorkflowInput, { environment, digest }: InputsQuestion): string | undefined {
  if (input.type === 'string' && /digest/i.test(input.name)) return digest;
  if (!/environment|^env$|^target$/i.test(input.name)) return undefined;
  const words = environmentWordsOf(environment);
  return input.type === 'choice' ? input.options.find((option) => words.includes(option.toLowerCase())) : undefined;
}

/** Why a value cannot be given to an input; undefined where it can. */
export function refuseInput({ type, options, isRequired }: WorkflowInput, value: string): string | undefined {
  if (value === '') return isRequired ? 'A value is required.' : undefined;
  if (type === 'number' && !Number.isFinite(Number(value))) return 'A number is asked for.';
  if (type === 'boolean' && value !== 'true' && value !== 'false') return 'true or false is asked for.';
  if (type === 'choice' && !options.includes(value)) return `One of ${options.join(', ')} is asked for.`;
  return undefined;
}
