/** `inputs.staging_tag` → its value; an unknown name is empty, as on GitHub. */
export type Names = Readonly<Record<string, string>>;

/** Fills in `${{ inputs.x }}` and the like; the lab's runner knows plain names only. */
export function fillExpressions(text: string, names: Names): string {
  return text.replace(
    /\$\{\{\s*([\w.-]+)\s*\}\}/g,
    (_, name: string) => (Object.hasOwn(names, name) ? names[name] : undefined) ?? '',
  );
}
