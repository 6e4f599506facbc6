// Other people's text in a Markdown page.

export function escapeCell(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, ' '));
}

/** Labels and tags are other people's text. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~!&]/g, '\\$&');
}
