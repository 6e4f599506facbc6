// What only a person knows: why, and the inputs of a workflow that neither the plan nor the settings fill, by their types.
import type { Preflight } from '../changes/preflight';
import { refuseInput } from '../changes/promotion/inputs';
import type { WorkflowInput } from '../model/facts';
import { ProblemError } from '../model/problem';
import type { PlacedForge } from '../sources/serviceRepository';
import { askPick, askText } from './ask';

/** May be left empty; undefined when the user leaves. */
export async function askReason(title: string): Promise<string | undefined> {
  const prompt = 'Why? It is recorded in Git where the promotion writes there. Enter alone leaves it open.';
  return await askText({ title, prompt });
}

export interface InputTools {
  readonly forgeOf: (image: string) => Promise<PlacedForge>;
}

/** Undefined when the user leaves. */
export async function askInputs(
  { target }: Preflight,
  inputs: readonly WorkflowInput[],
  tools: InputTools,
): Promise<Readonly<Record<string, string>> | undefined> {
  const answers = new Map<string, string>();
  for (const [index, input] of inputs.entries()) {
    const title = `Promote ${target.service}: ${input.name} (${index + 1} of ${inputs.length})`;
    const options = await optionsOf(input, target.image, tools);
    const answer = options.length > 0 ? await pick(title, input, options) : await type(title, input);
    if (answer === undefined) return undefined;
    answers.set(input.name, answer);
  }
  return Object.fromEntries(answers);
}

async function optionsOf(input: WorkflowInput, image: string, { forgeOf }: InputTools): Promise<readonly string[]> {
  if (input.type === 'boolean') return ['true', 'false'];
  if (input.type !== 'environment') return input.options;
  try {
    const { at, reader } = await forgeOf(image);
    return await reader.environments(at, new AbortController().signal);
  } catch (error) {
    // Without the list the name can still be typed.
    if (!(error instanceof ProblemError)) throw error;
    return [];
  }
}

/** The default first. */
async function pick(title: string, input: WorkflowInput, options: readonly string[]): Promise<string | undefined> {
  const sorted = options.toSorted((a, b) => Number(b === input.default) - Number(a === input.default));
  const items = sorted.map((label) => ({ label, description: label === input.default ? 'default' : '' }));
  const placeHolder = input.description || 'An input of the workflow';
  return (await askPick(items, { title, placeHolder }))?.label;
}

async function type(title: string, input: WorkflowInput): Promise<string | undefined> {
  return await askText({
    title,
    prompt: input.description || 'An input of the workflow',
    value: input.default ?? '',
    validateInput: (value) => refuseInput(input, value),
  });
}
