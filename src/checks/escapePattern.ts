/** A pattern that matches this very text. */
export function escapePattern(text: string): string {
  return text.replace(/[.+*?^${}()|[\]\\]/g, '\\$&');
}
