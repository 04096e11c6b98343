// Runs the defines of some libraries in cql-execution. See run.mjs.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const cql = require("cql-execution");
const { PatientSource } = require("cql-exec-fhir");

export function engine({ elm, main }) {
  const repository = new cql.Repository(elm);
  const libraries = main.map((name) => new cql.Library(elm[name], repository));
  return async (bundle, index) => {
    const parameters = { Index: cql.Date.parse(index) };
    const found = [];
    for (const library of libraries) {
      const source = PatientSource.FHIRv401();
      source.loadBundles([bundle]);
      const executor = new cql.Executor(library, null, parameters);
      const results = await executor.exec(source, cql.DateTime.parse(`${index}T12:00:00.000Z`));
      found.push(Object.values(results.patientResults)[0]);
    }
    return found;
  };
}

export function plain(value) {
  if (value == null) return null;
  if (typeof value !== "object") return value;
  if (value.isDate) return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
