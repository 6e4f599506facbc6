/** What differs from run to run and says nothing about behaviour. */
export interface Names {
  /** In the order of the history: each is called by its number. */
  readonly commits: readonly string[];
  readonly image: string;
}

const measured = /(finished in|failed after|passed in|timeout of|retrying in|next scan in) [\d.]+[\dhmsnµ.]*/g;

/** The folder that kustomize-controller has unpacked an artifact into. */
const builtIn = /\/\S*?\/kustomization-\d+\//g;
const repository = /http:\/\/127\.0\.0\.1:\d+\/(?:\w+-)?flux\.git/g;

/** A text of a controller without names, times and hashes of its world. */
export function normalise(text: string, { commits, image }: Names): string {
  const [host = '', ...path] = image.split('/');
  let rest = text
    .replaceAll(image, '<image>')
    .replaceAll(repository, '<repository>')
    .replaceAll(host, '<registry>')
    .replaceAll(path.join('/'), '<name>');
  commits.forEach((commit, index) => {
    rest = rest.replaceAll(commit, `<commit ${index + 1}>`).replaceAll(commit.slice(0, 7), `<commit ${index + 1}>`);
  });
  return rest
    .replaceAll(/sha256:[0-9a-f]{64}/g, '<digest>')
    .replaceAll(builtIn, '')
    .replaceAll(measured, '$1 <time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>');
}
