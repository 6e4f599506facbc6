// The lab's cluster state behind the Kubernetes API's rules. The lab's controllers use this class as their API client and have
// no other way in; the HTTP server is one more client of it. What a controller does, nothing here knows.
import { admit, newborn, subjectOf, succession } from './admission';
import { withField } from './json';
import { apiVersionOf, customResourceDefinitions, type Kind, kindNamed } from './kinds';
import type { Author } from './managedFields';
import { asObject, type KubeObject, type ObjectMeta, type Ref, refOf } from './object';
import { applyPatch, type Patch } from './patch';
import { keyOf, type Listener, Records } from './records';
import { type Selection, selectorOf } from './selectors';
import { applyConfiguration } from './serverSideApply';
import { alreadyExists, conflict, failure, methodNotAllowed, notFound } from './status';

export interface Write {
  /** Who writes. Owners of fields are told apart by this name, so nobody writes without one. */
  readonly fieldManager: string;
  /** `dry-run` answers as if it were written. */
  readonly mode?: 'commit' | 'dry-run';
}

export interface PatchWrite extends Write {
  readonly part?: 'status';
  /** For server-side apply: whether to take fields that others own with another value. */
  readonly onConflict?: 'refuse' | 'take';
}

export interface Deletion {
  readonly mode?: 'commit' | 'dry-run';
  readonly dependents?: 'delete' | 'orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface List {
  /** Sorted by namespace and name. */
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

interface Options {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** How many changes are kept for watches. */
  readonly historyLimit?: number;
}

/** Every method that refuses throws a StatusError. */
export class Store {
  readonly #now: () => number;
  readonly #records: Records;

  constructor({ now = Date.now, historyLimit = 5000 }: Options = {}) {
    this.#now = now;
    this.#records = new Records(historyLimit, now());
    for (const name of ['default', 'kube-system']) {
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'kube-apiserver' });
    }
    for (const definition of customResourceDefinitions()) {
      this.#records.put(newborn(definedKind(definition.kind), definition, this.#time()));
    }
  }

  /** Of the newest change. */
  get resourceVersion(): string {
    return this.#records.version;
  }

  get(ref: Ref): KubeObject | undefined {
    return this.#records.get(definedKind(ref.kind).kind, keyOf(ref));
  }

  /** `at`: as it was at that resourceVersion (410 when that is forgotten). */
  list(kind: string, { at, ...selection }: Selection & { readonly at?: string } = {}): List {
    const items = this.#records.all(definedKind(kind).kind, at).filter(selectorOf(selection));
    return { items, resourceVersion: at ?? this.resourceVersion };
  }

  /**
   * Calls `listener` with each later change of the kind (with `since`: also each after that resourceVersion, 410 when that is
   * forgotten), in order, never from within the write that made it. Returns what ends the watch.
   */
  watch(kind: string, listener: Listener, { since }: { readonly since?: string } = {}): () => void {
    return this.#records.watch(definedKind(kind).kind, listener, since);
  }

  create(object: KubeObject, write: Write): KubeObject {
    const kind = writableKind(object.kind);
    const born = newborn(kind, object, this.#time());
    if (this.get(refOf(born)) !== undefined) throw alreadyExists(subjectOf(kind, born.metadata.name));
    this.#checkNamespace(kind, born.metadata);
    const admitted = admit(kind, undefined, born, { author: this.#author(kind, write, 'Update') });
    return write.mode === 'dry-run' ? admitted : this.#records.put(admitted);
  }

  /** Everything but the status, for kinds that have one. */
  update(object: KubeObject, write: Write): KubeObject {
    return this.#replace(object, write);
  }

  /** Nothing but the status (and `metadata.managedFields`). */
  updateStatus(object: KubeObject, write: Write): KubeObject {
    return this.#replace(object, write, 'status');
  }

  /** Server-side apply creates what does not exist; the other patches need an object. */
  patch(ref: Ref, patch: Patch, write: PatchWrite): KubeObject {
    const kind = writableKind(ref.kind);
    if (patch.type === 'apply') return this.#apply(kind, ref, patch, write);
    const patched = applyPatch(this.#live(kind, ref), patch, kind);
    return this.#replace(
      { ...patched, kind: kind.kind, metadata: { ...patched.metadata, ...place(ref) } },
      write,
      write.part,
    );
  }

  /** The object as it was last; with finalizers, as it stays until they are gone. */
  delete(ref: Ref, { mode, dependents = 'delete', preconditions = {} }: Deletion = {}): KubeObject {
    const kind = writableKind(ref.kind);
    const live = this.#live(kind, ref);
    for (const field of ['uid', 'resourceVersion'] as const) {
      const wanted = preconditions[field];
      if (wanted === undefined || wanted === live.metadata[field]) continue;
      const found = live.metadata[field] ?? '';
      throw conflict(subjectOf(kind, ref.name), `Precondition failed: ${field} is ${found}, not ${wanted}`);
    }
    if (mode === 'dry-run') return live;
    if ((live.metadata.finalizers ?? []).length === 0) return this.#remove(live, dependents);
    if (live.metadata.deletionTimestamp !== undefined) return live;
    return this.#records.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: this.#time() } });
  }

  /** Forgets the history: watches and paged lists from before now get 410 Expired. */
  compact(): void {
    this.#records.compact();
  }

  #replace(object: KubeObject, write: Write, part?: 'status'): KubeObject {
    const kind = writableKind(object.kind);
    const live = this.#live(kind, refOf(object));
    const author = this.#author(kind, write, 'Update', part);
    return this.#store(live, admit(kind, live, succession(kind, live, object, part), { author }), write);
  }

  #apply(kind: Kind, ref: Ref, { body }: Patch, write: PatchWrite): KubeObject {
    const given = asObject(body);
    const configuration = { ...given, metadata: { ...given.metadata, ...place(ref) } };
    const live = this.get(ref);
    const base =
      live ?? newborn(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: place(ref) }, this.#time());
    if (live === undefined) this.#checkNamespace(kind, base.metadata);
    const author = this.#author(kind, write, 'Apply', write.part);
    const onConflict = write.onConflict ?? 'refuse';
    const wanted =
      write.part === undefined && kind.hasStatus ? withField(configuration, 'status', undefined) : configuration;
    const { object, managedFields } = applyConfiguration(base, wanted, author, { rules: kind, onConflict });
    const next = succession(kind, base, object, write.part);
    return this.#store(live, admit(kind, live, next, { author, managedFields }), write);
  }

  #store(live: KubeObject | undefined, admitted: KubeObject, write: Write): KubeObject {
    if (admitted === live || write.mode === 'dry-run') return admitted;
    const { deletionTimestamp, finalizers = [] } = admitted.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) return this.#remove(admitted, 'delete');
    return this.#records.put(admitted);
  }

  #remove(object: KubeObject, dependents: 'delete' | 'orphan'): KubeObject {
    const last = this.#records.remove(object);
    if (object.kind === 'Namespace') this.#empty(object.metadata.name);
    else this.#collect(object, dependents);
    return last;
  }

  /** Kubernetes' garbage collector: what is owned by nobody else goes with its owner. */
  #collect(owner: KubeObject, dependents: 'delete' | 'orphan'): void {
    for (const object of this.#records.everything()) {
      const owners = object.metadata.ownerReferences ?? [];
      const left = owners.filter(({ uid }) => uid !== owner.metadata.uid);
      if (left.length === owners.length || this.get(refOf(object)) === undefined) continue;
      if (dependents === 'delete' && left.length === 0) this.delete(refOf(object));
      else {
        const metadata = { ...object.metadata, ownerReferences: left };
        this.update({ ...object, metadata }, { fieldManager: 'kube-controller-manager' });
      }
    }
  }

  #empty(namespace: string): void {
    for (const object of this.#records.everything()) {
      if (object.metadata.namespace === namespace && this.get(refOf(object)) !== undefined) this.delete(refOf(object));
    }
  }

  #live(kind: Kind, ref: Ref): KubeObject {
    const live = this.get(ref);
    if (live === undefined) throw notFound(subjectOf(kind, ref.name));
    return live;
  }

  #checkNamespace(kind: Kind, { namespace }: ObjectMeta): void {
    if (!kind.isNamespaced || namespace === undefined) return;
    if (this.get({ kind: 'Namespace', name: namespace }) !== undefined) return;
    throw notFound({ plural: 'namespaces', group: '', name: namespace });
  }

  #author(kind: Kind, { fieldManager }: Write, operation: Author['operation'], subresource?: 'status'): Author {
    const author = { manager: fieldManager, operation, apiVersion: apiVersionOf(kind), time: this.#time() };
    return subresource === undefined ? author : { ...author, subresource };
  }

  #time(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function place({ name, namespace }: Ref): { readonly name: string; readonly namespace?: string } {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function definedKind(name: string): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw failure(404, 'NotFound', `the server serves no kind ${name}`);
  return kind;
}

function writableKind(name: string): Kind {
  const kind = definedKind(name);
  if (kind.isReadOnly) throw methodNotAllowed();
  return kind;
}
