// Runs the defines of some libraries in cql-execution. See run.mjs.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const cql = require("cql-execution");
const { PatientSource } = require("cql-exec-fhir");

export function engine({ elm, main }) {
  const repository = new cql.Repository(Object.values(elm).map(unmarked));
  const libraries = Object.fromEntries(Object.keys(elm).map((name) => [name, repository.resolve(name, elm[name].library.identifier.version)]));
  for (const library of Object.values(libraries)) join(library, libraries);
  const planted = Object.fromEntries(Object.entries(libraries).map(([name, library]) => [name, copiesIn(library)]));
  const source = PatientSource.FHIRv401();
  return async (bundle, index, fault) => {
    const undo = fault && plant(libraries[fault.library], fault.define, planted[fault.library][fault.copy]);
    try {
      return await all(bundle, index);
    } finally {
      undo?.();
    }
  };

  async function all(bundle, index) {
    source.reset();
    source.loadBundles([bundle]);
    const contexts = shared(libraries, source.currentPatient(), index);
    const found = [];
    for (const name of main) {
      const context = contexts[name], values = {};
      for (const [define, expression] of Object.entries(libraries[name].expressions)) {
        values[define] = define in context.context_values ? context.get(define) : await expression.execute(context);
      }
      found.push(values);
    }
    return found;
  }
}

// Makes a library include these very libraries: the engine gives each copies of its own, where no planted fault is seen.
function join(library, libraries) {
  for (const [alias, included] of Object.entries(library.includes)) {
    library.includes[alias] = libraries[included.source.library.identifier.id];
  }
}

// The faulty copies of defines and functions, which are named "fault ..."; they are taken out of the library.
function copiesIn(library) {
  const found = {};
  for (const kind of ["expressions", "functions"]) {
    for (const name of Object.keys(library[kind]).filter((name) => name.startsWith("fault "))) {
      found[name] = library[kind][name];
      delete library[kind][name];
    }
  }
  return found;
}

// Puts a faulty copy in the place of what it is a copy of. Returns what takes it back.
function plant(library, name, copy) {
  const kind = name in library.functions ? library.functions : library.expressions, sound = kind[name];
  if (!Array.isArray(copy)) copy.name = name;
  kind[name] = copy;
  return () => (kind[name] = sound);
}

// One context for each library, used by all that include it: left alone, the engine makes one for each way to it.
function shared(libraries, patient, index) {
  const now = cql.DateTime.parse(`${index}T12:00:00.000Z`), parameters = { Index: cql.Date.parse(index) };
  const contexts = {};
  for (const [name, library] of Object.entries(libraries)) {
    contexts[name] = new cql.PatientContext(library, patient, null, parameters, now, new cql.NullMessageListener());
  }
  for (const [name, library] of Object.entries(libraries)) {
    for (const [alias, included] of Object.entries(library.includes)) {
      contexts[name].library_context[alias] = contexts[included.source.library.identifier.id];
    }
  }
  return contexts;
}

// Without the ids for which the engine would keep every single result.
function unmarked(node) {
  if (Array.isArray(node)) return node.map(unmarked);
  if (node === null || typeof node !== "object") return node;
  const kept = Object.entries(node).filter(([key]) => !["localId", "locator", "annotation", "signature"].includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, unmarked(inner)]));
}

export function plain(value) {
  if (value == null) return null;
  if (typeof value !== "object") return value;
  if (value.isDate) return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
